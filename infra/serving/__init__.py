"""The gRPC server, and what happens around every call."""
