"""The store in one SQLite file: one connection writes, several read."""
