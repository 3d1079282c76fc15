"""Screening, the first pass of a search: a rough score of every iris of a gallery, by codes of 2,048 bits."""
