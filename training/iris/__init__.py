"""Training the iris segmentation network: rendered eyes → targets → training → ONNX file. No real image is used."""
