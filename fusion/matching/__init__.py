"""Calls to the matching services: the port, its gRPC adapter, and the translation of their failures."""
