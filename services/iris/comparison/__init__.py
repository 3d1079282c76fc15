"""The evidence of a Hamming distance at a rotation."""
