"""The samples of a request: their templates and quality, and how alike they are to each other."""
