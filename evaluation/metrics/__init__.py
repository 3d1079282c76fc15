"""Figures of an evaluation that the kernel does not need."""
