"""Layer 1: all contact with the outside: files, images, ONNX models, gRPC, settings."""
