"""Numeric kernels: how numba compiles them, how the compiled code is kept, and what several of them call."""
