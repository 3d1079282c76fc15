"""One pass over an index: batch what waits, compare, select, rank."""
