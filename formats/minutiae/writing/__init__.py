"""Minutiae → records of each version."""
