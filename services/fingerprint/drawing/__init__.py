"""Draws minutiae on a print, and the paired minutiae of two prints."""
