"""The iris ring unrolled, what of it is visible, and its phase bits."""
