"""Score-level fusion: the scores of several comparators for one pair → one calibrated log10 likelihood ratio."""
