"""Two prints compared in full: descriptors, pairing, alignment, score."""
