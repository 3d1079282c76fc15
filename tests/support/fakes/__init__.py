"""Fakes: plain classes that implement the ports, one module per port."""
