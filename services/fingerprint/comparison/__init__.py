"""The full comparison of two prints: descriptors, pairing, alignment, score. A search makes it after screening."""
