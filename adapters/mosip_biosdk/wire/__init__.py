"""Calls of the services; the only place here with generated code."""
