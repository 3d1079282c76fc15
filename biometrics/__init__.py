"""Lowest layer: templates, samples, comparison scores, calibration and error rates. numpy only; no I/O, no gRPC."""
