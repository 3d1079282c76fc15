"""Benchmarks of the audit log."""
