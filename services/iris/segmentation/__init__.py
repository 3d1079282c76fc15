"""What the network sees in an image of an eye, and the circles in its masks."""
