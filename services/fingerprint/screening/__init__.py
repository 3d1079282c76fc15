"""Screening: a rough score, fast enough to compute for every print of a gallery."""
