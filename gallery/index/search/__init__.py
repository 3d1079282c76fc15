"""Searching an index: batch waiting searches, compare, select the best rows, rank subjects."""
