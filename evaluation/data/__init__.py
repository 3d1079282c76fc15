"""Input of an evaluation: lists of images and pairs, tables of scores."""
