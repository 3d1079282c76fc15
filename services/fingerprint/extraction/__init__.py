"""Image → minutiae: resolution, upright pose, finger area, network."""
