"""What was found in an image of an eye, drawn on it."""
