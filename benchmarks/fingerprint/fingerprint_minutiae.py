"""The minutiae network LEADER in our hardened file against the file as published, on 384 × 384 px of a finger.

The input is a finger rather than noise, because our file computes direction and type only at the minutiae.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Row, compare
from benchmarks.limits import convolution_ms
from infra.images.decode import decode
from infra.models.model_cache import asset, load_bytes
from infra.models.onnx_model import OnnxModel

SIDE_PX = 384


def measure() -> Row:
    """One frame, one thread."""
    frame = _frame()
    ours, stock = (OnnxModel.from_bytes(load_bytes(name)) for name in ("leader", "leader-published"))
    name = next(iter(ours.inputs))
    limit = convolution_ms(load_bytes("leader"), **{name: frame})
    return compare(
        "minutiae network, 384×384 px",
        lambda: ours.run(**{name: frame}),
        "published graph",
        lambda: stock.run(**{name: frame}),
        (limit, "its convolutions at the rate of sgemm"),
    )


def _frame() -> NDArray[np.float32]:
    """The middle of a demo finger, (1, 384, 384, 1), 0–255."""
    gray = decode(asset("finger-1")).gray
    top, left = ((size - SIDE_PX) // 2 for size in gray.shape)
    return gray[None, top : top + SIDE_PX, left : left + SIDE_PX, None].astype(np.float32)
