"""What was found in a face image, drawn on it."""
