"""Fusion models: the built-in one, and those that callers upload."""
