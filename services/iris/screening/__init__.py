"""Screening: a rough score, fast enough to compute for every iris of a gallery."""
