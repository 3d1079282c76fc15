"""Unrolls the iris ring, masks what is not visible, and computes its phase bits."""
