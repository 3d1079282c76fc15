"""Numeric kernels: compilation with numba, the cache of compiled code, and functions that several kernels share."""
