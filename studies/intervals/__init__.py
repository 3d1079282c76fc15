"""How often confidence intervals hold the truth, where the truth is known."""
