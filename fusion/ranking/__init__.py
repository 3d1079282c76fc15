"""Search results of all samples → subjects in order, by arrays."""
