"""Encoded images → pixels, decoded in processes that can be killed."""
