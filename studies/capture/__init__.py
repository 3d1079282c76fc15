"""How images are taken: scale, pose, and other people in the picture."""
