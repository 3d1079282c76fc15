"""Benchmarks of the face service."""
