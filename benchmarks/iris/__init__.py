"""Benchmarks of the iris service."""
