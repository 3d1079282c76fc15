"""Fusion models: the shipped one, and those that callers upload."""
