"""The change feeds of a store, read."""
