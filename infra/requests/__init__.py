"""What the services of callers have in common: request ids, pages, times."""
