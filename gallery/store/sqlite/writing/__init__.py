"""Writes of the SQLite backend: one thread, several writes per transaction."""
