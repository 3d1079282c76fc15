"""Recorded writes of a process, and the files that a power cut at any moment of it would leave, also torn ones."""
