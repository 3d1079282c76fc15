"""From evidence about one subject to MATCH, NO_MATCH or REVIEW at a stated error rate."""
