"""Fitting a model that fuses the scores of several comparators, and measuring it."""
