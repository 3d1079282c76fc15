"""Documents of a Redis store."""
