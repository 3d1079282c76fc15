"""Compiles the comparators before anything is timed or under a deadline."""

from __future__ import annotations

import numpy as np

from biometrics.template import Modality, Template
from cli.modalities import comparator
from cli.output import remarks
from services.fingerprint.features import FingerFeatures, Minutiae, mask_shape
from services.fingerprint.features import pack as pack_finger
from services.iris.features import CHANNELS, COLUMNS, ROWS, from_bits
from services.iris.features import pack as pack_iris

SIDE_PX = 300
MINUTIA_COUNT = 30


def compile_comparators() -> None:
    """Compare a made-up template of each compiled comparator with itself: every kernel runs once.

    Takes up to a minute where the machine code is not yet in the cache, and under a second where it is.
    """
    rng = np.random.default_rng(1)
    made_up = {Modality.FINGERPRINT: pack_finger(_finger(rng)), Modality.IRIS: _iris(rng)}
    with remarks().status("compiling the comparators (once per version) …"):
        for modality, data in made_up.items():
            judge = comparator(modality)
            stack = judge.stack([Template(modality, judge.model_id, data)])
            judge.compare(stack, stack)


def _finger(rng: np.random.Generator) -> FingerFeatures:
    x, y = rng.integers(20, SIDE_PX - 20, (2, MINUTIA_COUNT)).astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi, MINUTIA_COUNT).astype(np.float32)
    confidence = np.ones(MINUTIA_COUNT, np.float32)
    minutiae = Minutiae(x, y, angle, rng.random(MINUTIA_COUNT) < 0.5, confidence)
    return FingerFeatures(SIDE_PX, SIDE_PX, np.ones(mask_shape(SIDE_PX, SIDE_PX), np.bool_), minutiae)


def _iris(rng: np.random.Generator) -> bytes:
    bits = rng.random((CHANNELS, ROWS, COLUMNS)) < 0.5
    return pack_iris(from_bits(bits, np.ones_like(bits)))
