"""Fusion, as the operations call it."""
