"""Floor 2: the decision. It reaches the matching services by wire only."""
