"""Model files: their origin, verification, rewriting, and the sessions that run them."""
