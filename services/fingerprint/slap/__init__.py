"""Slaps, several fingers in one image: cut by given segments, or segmented into fingertips."""
