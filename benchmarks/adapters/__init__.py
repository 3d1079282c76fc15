"""Benchmarks of the adapters, against the calls that they make."""
