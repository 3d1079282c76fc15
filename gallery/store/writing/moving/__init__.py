"""Moves of encounters from one subject to another, which may be in another partition (0043)."""
