"""From image to minutiae: resolution, upright pose, finger area, network."""
