"""From a message of the queue to its answer."""
