"""Draws the findings on an image of an eye."""
