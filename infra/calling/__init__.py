"""Calls of this project's services by gRPC, for processes that are callers like any other."""
