"""Embedding one aligned face: SFace in our hardened file against the file as published."""

from __future__ import annotations

import numpy as np

from benchmarks.harness import Row, compare
from benchmarks.limits import convolution_ms
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from infra.models.supply import original_bytes


def measure() -> Row:
    """One embedding, one thread."""
    face = np.random.default_rng(0).uniform(0, 255, (1, 3, 112, 112)).astype(np.float32)
    ours, stock = (OnnxModel.from_bytes(data) for data in (load_bytes("sface"), original_bytes("sface")))
    unread = {name: np.zeros(shape, np.float32) for name, shape in stock.inputs.items() if name != "data"}
    limit = convolution_ms(load_bytes("sface"), data=face)
    return compare(
        "face embedding",
        lambda: ours.run(data=face),
        "published graph",
        lambda: stock.run(data=face, **unread),
        (limit, "its convolutions at the rate of sgemm"),
    )
