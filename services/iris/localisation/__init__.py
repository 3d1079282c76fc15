"""Pupil and limbus: where they are, and where the eye looks."""
