"""The ReviewService on the wire."""
