"""Fingerprint benchmarks."""
