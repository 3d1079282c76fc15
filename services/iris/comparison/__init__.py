"""What a Hamming distance at a rotation is worth."""
