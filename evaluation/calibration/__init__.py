"""Fitting the calibration of a comparator, and the dependence of samples."""
