"""Fitting the calibration of a comparator, and how far several samples of a person repeat each other."""
