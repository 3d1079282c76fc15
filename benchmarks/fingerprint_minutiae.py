"""LEADER as we run it against the file as published, on a 384 × 384 px frame."""

from __future__ import annotations

import numpy as np

from benchmarks.harness import Row, compare
from benchmarks.limits import convolution_ms
from infra.models import load_bytes, original_bytes
from infra.onnx_model import OnnxModel


def measure() -> Row:
    """One frame, one thread."""
    frame = np.random.default_rng(0).uniform(0, 255, (1, 384, 384, 1)).astype(np.float32)
    ours, stock = (OnnxModel.from_bytes(data) for data in (load_bytes("leader"), original_bytes("leader")))
    name = next(iter(ours.inputs))
    limit = convolution_ms(load_bytes("leader"), **{name: frame})
    return compare(
        "minutiae network, 384×384 px",
        lambda: ours.run(**{name: frame}),
        "published graph",
        lambda: stock.run(**{name: frame}),
        (limit, "its convolutions at the rate of sgemm"),
    )
