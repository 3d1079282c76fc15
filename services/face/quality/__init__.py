"""How useful a face sample is, and whether it is one at all."""
