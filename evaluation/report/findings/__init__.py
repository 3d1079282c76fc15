"""Measurements on the scores of an evaluation, one module per question."""
