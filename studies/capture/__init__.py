"""Studies of capture: scale, pose, and other people in the picture."""
