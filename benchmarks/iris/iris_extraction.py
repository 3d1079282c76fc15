"""The whole extraction of one eye, against only running its segmentation network."""

from __future__ import annotations

import numpy as np

from benchmarks.harness import Row, compare
from benchmarks.limits import convolution_ms
from biometrics.template import Position
from infra.images.decode import Image
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from rendering.eyes import render_eye
from services.iris.extractor import IrisExtractor
from services.iris.segmentation.network import HEIGHT, WIDTH

REPEATS = 5


def measure() -> Row:
    """One image of 640×480 px, one thread."""
    image, extractor = Image(render_eye(0, 0)), IrisExtractor.load()
    data = load_bytes("iris-segmentation")
    network, inputs = OnnxModel.from_bytes(data), np.full((1, HEIGHT, WIDTH), 128, np.float32)
    return compare(
        f"iris extraction, 640×480 px, {REPEATS} times",
        lambda: [extractor.extract(image, Position.LEFT_EYE) for _ in range(REPEATS)],
        "its network alone",
        lambda: [network.run(images=inputs) for _ in range(REPEATS)],
        (REPEATS * convolution_ms(data, images=inputs), "the network's convolutions at the rate of sgemm"),
    )
