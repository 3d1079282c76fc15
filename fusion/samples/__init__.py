"""The samples of a request: templates, quality, and comparisons with each other."""
