"""A Ray cluster on loopback, and what its shards are made by."""
