"""OSIA's interface, by requests that are made from its file."""
