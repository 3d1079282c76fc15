"""OSIA's ABIS interface 1.6 (REST), by models of this project's own."""
