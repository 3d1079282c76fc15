"""Benchmarks of the fingerprint service."""
