"""The extraction of many eyes, some of which need further looks, against running the segmentation network once each."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from benchmarks.cpu_time import cpu_times
from benchmarks.harness import Row, compare
from benchmarks.limits import convolution_ms
from biometrics.errors import AcquisitionFailed
from biometrics.template import Position
from infra.images.decode import Image, decode
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from rendering.eyes import render_eye
from services.iris.extractor import IrisExtractor
from services.iris.segmentation.network import HEIGHT, WIDTH

FOLDER = Path("../shared/data/iris/casia-lamp15")
EVERY = 15  # of the folder's images
RENDERED = 40  # instead, without the folder


def measure() -> Row:
    """Every fifteenth image of CASIA-Lamp, or rendered eyes, decoded before; one thread."""
    what, images = _eyes()
    extractor, data = IrisExtractor.load(), load_bytes("iris-segmentation")
    network, inputs = OnnxModel.from_bytes(data), np.full((1, HEIGHT, WIDTH), 128, np.float32)

    def ours() -> None:
        for image in images:
            with suppress(AcquisitionFailed):
                extractor.extract(image, Position.UNKNOWN)

    def reference() -> None:
        for _ in images:
            network.run(images=inputs)

    print(cpu_times(ours, reference), file=sys.stderr)
    return compare(
        f"iris extraction of {len(images)} eyes, {what}",
        ours,
        "the first network alone, once each",
        reference,
        (len(images) * convolution_ms(data, images=inputs), "its convolutions at the rate of sgemm"),
    )


def _eyes() -> tuple[str, Sequence[Image]]:
    paths = sorted(FOLDER.rglob("*.jpg"))[::EVERY]
    if paths:
        return FOLDER.name, [decode(path.read_bytes()) for path in paths]
    return "rendered", [Image(render_eye(identity, 0)) for identity in range(RENDERED)]
