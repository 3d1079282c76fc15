"""Compares fingerprint templates: descriptors, relaxation, elastic alignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.template import Modality, Template
from services.fingerprint.alignment import (
    ELASTIC_SEEDS,
    SEEDS,
    align_elastic,
    align_rigid,
    count_on,
    move,
    procrustes,
)
from services.fingerprint.descriptor import describe, similarities
from services.fingerprint.features import MODEL_ID, unpack
from services.fingerprint.pairing import assign, compatibilities, local_score, relax

MIN_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Print:
    """One template, ready to be compared.

    Args:
        x: float32, shape (n,), px.
        y: float32, shape (n,), px, upward from the top of the image, so ≤ 0; rising.
        angle: float32, shape (n,), radians.
        descriptors: int8, shape (n, 160).
        mask: bool, shape (rows, columns): the finger area in cells of 16 px.
        order: decides which of two prints is laid over the other, so that a·b equals b·a.
    """

    x: NDArray[np.float32] = field(repr=False)
    y: NDArray[np.float32] = field(repr=False)
    angle: NDArray[np.float32] = field(repr=False)
    descriptors: NDArray[np.int8] = field(repr=False)
    mask: NDArray[np.bool_] = field(repr=False)
    order: tuple[int, bytes] = field(repr=False)


Stack = tuple[Print, ...]


class FingerprintComparator:
    """Compares LEADER minutiae sets.

    Score: √(local · geometric), 0 to about 8, higher is more alike. `local` is the relaxed
    descriptor similarity (pairing.py), `geometric` the elastic alignment's pair count (alignment.py).
    It is 0 where fewer than three minutiae pair up; a·b and b·a give the same score.

    1. Descriptor similarities of all minutiae; greedy assignment.
    2. Compatibilities; relaxation; local score.
    3. For the eight strongest pairs a rigid alignment; for the best two of them an elastic one.
    """

    modality = Modality.FINGERPRINT
    comparator_id = "fingerprint-elastic-1"
    model_id = MODEL_ID

    def stack(self, templates: Sequence[Template]) -> Stack:
        """Unpack templates and describe their minutiae.

        Raises:
            TemplateMalformed: a template's data is not what its model id promises.
            TemplateModelMismatch: a template of another model.
        """
        for template in templates:
            template.require(self.modality, self.model_id)
        return tuple(_prepare(template.data) for template in templates)

    def compare(self, probes: Stack, references: Stack) -> Scores:
        """Compare every probe with every reference; float32, shape (probes, references), ≥ 0."""
        scores = np.zeros((len(probes), len(references)), np.float32)
        for row, probe in enumerate(probes):
            for column, reference in enumerate(references):
                scores[row, column] = _compare(probe, reference)
        return scores


def _prepare(data: bytes) -> Print:
    features = unpack(data)
    upward = features.minutiae.select(np.arange(len(features.minutiae))[::-1])
    x, y, angle = upward.x, -upward.y, upward.angle
    return Print(x, y, angle, describe(x, y, angle, upward.confidence), features.mask, (len(x), data))


def _compare(probe: Print, reference: Print) -> float:
    a, b = (probe, reference) if probe.order <= reference.order else (reference, probe)
    return float(_score(a.x, a.y, a.angle, a.descriptors, a.mask, b.x, b.y, b.angle, b.descriptors, b.mask))


@njit(cache=True, nogil=True)
def _score(xa, ya, ta, da, mask_a, xb, yb, tb, db, mask_b):  # type: ignore[no-untyped-def] # numba compiles it
    """Steps 1 to 3 of the class docstring."""
    similarity = similarities(da, db, ta, tb)
    pairs = assign(similarity)
    if len(pairs) < MIN_PAIRS:
        return 0.0
    compatibility = compatibilities(pairs, xa, ya, ta, xb, yb, tb)
    initial = np.empty(len(pairs), np.float32)
    for p in range(len(pairs)):
        initial[p] = similarity[pairs[p, 0], pairs[p, 1]]
    strength = relax(initial, compatibility)
    local = local_score(strength, min(len(xa), len(xb)))
    return np.sqrt(local * _geometric(pairs, strength, compatibility, xa, ya, ta, mask_a, xb, yb, tb, mask_b))


@njit(cache=True, nogil=True)
def _geometric(pairs, strength, compatibility, xa, ya, ta, mask_a, xb, yb, tb, mask_b):  # type: ignore[no-untyped-def] # as above
    """Step 3 of the class docstring: the best elastic alignment's score."""
    seeds = np.argsort(-strength, kind="mergesort")[:SEEDS]
    rigid_scores = np.zeros(len(seeds))
    motions = np.zeros((len(seeds), 4))
    i, j = pairs[:, 0], pairs[:, 1]
    for k, seed in enumerate(seeds):
        weight = compatibility[seed] * strength
        weight[seed] = strength[seed]
        first = procrustes(xa[i], ya[i], xb[j], yb[j], weight)
        motion, pair, pair_weight = align_rigid(first, xa, ya, ta, xb, yb, tb)
        motions[k] = motion
        rigid_scores[k] = _count_score(motion, pair, pair_weight, xa, ya, ta, mask_a, xb, yb, tb, mask_b)
    best = 0.0
    for k in np.argsort(-rigid_scores, kind="mergesort")[:ELASTIC_SEEDS]:
        motion = (motions[k, 0], motions[k, 1], motions[k, 2], motions[k, 3])
        pair, pair_weight = align_elastic(motion, xa, ya, ta, xb, yb, tb)
        best = max(best, _count_score(motion, pair, pair_weight, xa, ya, ta, mask_a, xb, yb, tb, mask_b))
    return best


@njit(cache=True, nogil=True)
def _count_score(motion, pair, weight, xa, ya, ta, mask_a, xb, yb, tb, mask_b):  # type: ignore[no-untyped-def] # as above
    """(Σ w)² / √(nA nB + 1): step 4 of alignment.py."""
    paired = (pair >= 0).sum()
    if paired < MIN_PAIRS:
        return 0.0
    px, py, _ = move(motion, xa, ya, ta)
    c, s, shift_x, shift_y = motion
    back = (c, -s, -c * shift_x - s * shift_y, s * shift_x - c * shift_y)
    qx, qy, _ = move(back, xb, yb, tb)
    count_a = max(paired, count_on(px, py, mask_b))
    count_b = max(paired, count_on(qx, qy, mask_a))
    return weight.sum() ** 2 / np.sqrt(count_a * count_b + 1.0)
