"""Scores of several comparators → one model that fuses them, and what it is worth."""
