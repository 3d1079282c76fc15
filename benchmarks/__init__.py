"""Benchmarks: speed relative to a reference in the same run; one module per figure, each with `measure() -> Row`."""

from infra.extras import tell_plainly

tell_plainly()  # before the first import that may fail
