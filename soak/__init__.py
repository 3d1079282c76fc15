"""Slow test campaigns against real processes, too long for the test suite. `make soak` runs them."""
