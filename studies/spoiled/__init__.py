"""What becomes of samples that are spoiled in a known way."""
