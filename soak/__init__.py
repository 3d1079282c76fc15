"""Slow campaigns against real processes: what no test has the time for. `make soak`."""
