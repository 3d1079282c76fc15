"""Floor 1: everything that touches the world: files, images, ONNX, gRPC, settings."""
