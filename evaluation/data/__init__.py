"""What is evaluated: lists of images and pairs, tables of scores."""
