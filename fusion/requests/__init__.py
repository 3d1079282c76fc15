"""What every request has: limits, a time budget, field paths for its errors."""
