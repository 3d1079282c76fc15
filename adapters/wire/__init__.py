"""What adapters call, by gRPC."""
