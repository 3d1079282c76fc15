"""gRPC messages ↔ domain objects, and the servicer."""
