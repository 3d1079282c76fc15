"""Screening, the first pass of a search: a rough score of every print of a gallery, by binary codes of its minutiae."""
