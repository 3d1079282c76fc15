"""The kernels of a comparator: used once before the first request, and all of them compiled for an image."""
