"""Fingerprints: LEADER minutiae at 500 dpi and an elastic comparison of minutiae sets."""
