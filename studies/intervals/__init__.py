"""Studies of confidence intervals: how often they contain the true rate, in simulated populations."""
