"""The gRPC server, interceptors and logging around every call."""
