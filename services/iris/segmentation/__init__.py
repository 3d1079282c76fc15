"""Segments images of an eye with the network, and fits circles to its masks."""
