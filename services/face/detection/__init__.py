"""Detects the faces of an image, estimates their pose, and chooses the one to describe."""
