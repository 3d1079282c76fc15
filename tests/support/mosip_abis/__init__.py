"""MOSIP's side of its ABIS interface, for tests: a broker, a data share, and whoever sends requests."""
