"""Scores of several comparators of one comparison → one calibrated log10 likelihood ratio."""
