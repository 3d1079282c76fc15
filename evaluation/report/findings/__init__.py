"""What is measured of the scores of an evaluation: one module per question."""
