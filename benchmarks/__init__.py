"""Benchmarks: speed relative to a reference in the same run; one module per figure, each with `measure() -> Row`."""
