"""What a fingerprint template holds: its bytes, and the arrays that kernels work on."""
