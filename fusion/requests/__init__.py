"""What all requests share: limits, time budget, field paths in errors, idempotence, waiting for a write."""
