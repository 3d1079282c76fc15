"""Locates pupil and limbus, and corrects for eyes that look aside."""
