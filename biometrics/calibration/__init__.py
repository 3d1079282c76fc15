"""From scores to likelihood ratios: curves, bounds by counts, and sums over samples that are not independent."""
