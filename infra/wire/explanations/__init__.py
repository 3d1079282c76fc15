"""Explanations of comparisons: wire ↔ domain."""
