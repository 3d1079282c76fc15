"""Slow test campaigns against real processes, too long for the test suite. `make soak` runs them."""

from infra.extras import tell_plainly

tell_plainly()  # before the first import that may fail
