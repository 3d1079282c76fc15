"""Measures of comparisons: error rates by ISO/IEC 19795-1, Cllr, confidence intervals, effective counts."""
