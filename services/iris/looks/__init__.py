"""Repeated segmentation of one image, rotated, darker or brighter, until an eye is found without doubt."""
