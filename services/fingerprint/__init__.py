"""The fingerprint service: LEADER minutiae at 500 dpi, compared by an elastic alignment of minutiae sets."""
