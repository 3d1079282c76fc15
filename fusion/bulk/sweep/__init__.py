"""Duplicate sweeps: a gallery is searched with every subject in it."""
