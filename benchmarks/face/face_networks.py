"""Describing a face by two networks against SFace alone: detection, alignment and quality included."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.cpu_time import cpu_times
from benchmarks.harness import Row, compare
from benchmarks.limits import convolution_ms
from biometrics.template import Position
from infra.images.decode import decode
from infra.models.model_cache import asset, load_bytes
from services.face.detection.landmarks import DLIB_SIDE_PX, SIDE_PX
from services.face.extractor import FaceExtractor, PairExtractor


def measure() -> Row:
    """One portrait of 512×512 px, decoded, one thread; the ratio of CPU times is also printed."""
    portrait, pair, alone = decode(asset("portrait-astronaut")), PairExtractor.load(), FaceExtractor.load()
    both = pair.extract(portrait, Position.FACE)
    assert alone.extract(portrait, Position.FACE).quality == both.quality
    calls = (lambda: pair.extract(portrait, Position.FACE)), (lambda: alone.extract(portrait, Position.FACE))
    print(cpu_times(*calls), file=sys.stderr)
    limit = sum(
        convolution_ms(load_bytes(name), data=_zeros(side))
        for name, side in (("sface", SIDE_PX), ("dlib-face", DLIB_SIDE_PX))
    )
    return compare(
        "face → template, two networks",
        calls[0],
        "SFace alone",
        calls[1],
        (limit, "the embeddings' convolutions at the rate of sgemm"),
    )


def _zeros(side: int) -> np.ndarray:
    return np.zeros((1, 3, side, side), np.float32)
