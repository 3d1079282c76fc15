"""Decodes images to pixels, in worker processes that can be killed."""
