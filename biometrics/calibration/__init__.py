"""Scores to likelihood ratios: the curves, what bounds them, and what samples that depend on each other are worth."""
