"""`biofusion fusion`: fit, evaluate and explain the fusion of scores of several comparators."""
