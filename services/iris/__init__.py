"""The iris service: near-infrared image of one eye → Gabor phase code → masked Hamming distance."""
