"""Measures used by evaluations only; those that services need too are in `biometrics/error_rates`."""
