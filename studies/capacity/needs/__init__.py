"""Bytes, memory, machines and cost of large galleries, computed from measured figures."""
