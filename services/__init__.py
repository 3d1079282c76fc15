"""Floor 2: the three matching services. They never import each other."""
