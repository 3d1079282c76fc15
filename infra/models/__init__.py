"""Model files: where they come from, how they are verified, and the sessions that run them."""
