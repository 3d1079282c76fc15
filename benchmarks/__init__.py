"""Speed as ratios in one run; one module per figure, each with a `measure() -> Row`."""
