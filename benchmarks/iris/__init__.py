"""Iris benchmarks."""
