"""The full comparison of two prints: descriptors, pairing, alignment, score."""
