"""Benchmarks of whole services, and of fusion."""
