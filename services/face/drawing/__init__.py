"""Draws detected faces on their image."""
