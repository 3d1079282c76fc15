"""gRPC messages ↔ domain objects, and the servicers."""
