"""Jobs on the wire: starting them, their results, and the operations that they are."""
