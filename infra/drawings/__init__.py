"""Explanations of comparisons drawn as SVG, of what templates hold: no pixel of a person."""
