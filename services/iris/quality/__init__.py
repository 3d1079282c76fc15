"""How useful an iris sample is, and whether it is one at all."""
