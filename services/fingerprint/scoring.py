"""The score of two prints: local similarity and elastic alignment together.

1. Descriptor similarities of all minutiae; assignment; relaxation; local score (pairing.py).
2. A rigid alignment from each of the eight strongest pairs (alignment.py).
3. An elastic alignment from the best two of them. Geometric score of an alignment:
   (Σ w)² / √(nA nB + 1), where w falls from 1 to 0 with a pair's misfit, and nA, nB count the minutiae
   of each print that lie on the other's finger area: unpaired ones there count against.
4. Score = √(local · geometric); the best alignment's geometric score counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernel import kernel
from services.fingerprint.alignment import align_elastic, align_rigid, inverse, move, procrustes
from services.fingerprint.arrays import Floats, Indices, Motion
from services.fingerprint.descriptor import similarities
from services.fingerprint.features import CELL_PX
from services.fingerprint.pairing import assign, compatibilities, local_score, relax

MIN_PAIRS = 3
RIGID_SEEDS = 8
ELASTIC_SEEDS = 2

Mask = NDArray[np.bool_]
Descriptors = NDArray[np.int8]


@kernel
def score(
    a: Floats, descriptors_a: Descriptors, mask_a: Mask, b: Floats, descriptors_b: Descriptors, mask_b: Mask
) -> float:
    """Score of print a laid over print b, 0 or more; 0 where fewer than three minutiae pair up.

    Args:
        a: float32, shape (n, 3): x, y (px, upward from the image's top, so ≤ 0) and angle (radians).
        descriptors_a: int8, shape (n, 160).
        mask_a: bool, shape (rows, columns): the finger area in cells of 16 px.
        b: as a, shape (m, 3), by rising y.
        descriptors_b: as descriptors_a.
        mask_b: as mask_a.
    """
    similarity = similarities(descriptors_a, descriptors_b, a[:, 2], b[:, 2])
    pairs = assign(similarity)
    if len(pairs) < MIN_PAIRS:
        return 0.0
    strength = np.empty(len(pairs), np.float32)
    for p in range(len(pairs)):
        strength[p] = similarity[pairs[p, 0], pairs[p, 1]]
    compatibility = compatibilities(pairs, a, b)
    strength = relax(strength, compatibility)
    local = local_score(strength, min(len(a), len(b)))
    motions, rigid = _rigid(pairs, strength, compatibility, a, mask_a, b, mask_b)
    geometric = 0.0
    for k in np.argsort(-rigid, kind="mergesort")[:ELASTIC_SEEDS]:
        motion = (motions[k, 0], motions[k, 1], motions[k, 2], motions[k, 3])
        pair, weight = align_elastic(motion, a, b)
        geometric = max(geometric, _geometric(motion, pair, weight, a, mask_a, b, mask_b))
    return float(np.sqrt(local * geometric))


@kernel
def _rigid(
    pairs: Indices, strength: Floats, compatibility: Floats, a: Floats, mask_a: Mask, b: Floats, mask_b: Mask
) -> tuple[Floats, Floats]:
    """Step 2: float64 motions (seeds, 4) and their geometric scores (seeds,)."""
    seeds = np.argsort(-strength, kind="mergesort")[:RIGID_SEEDS]
    motions, scores = np.zeros((len(seeds), 4)), np.zeros(len(seeds))
    of_a, of_b = a[pairs[:, 0]], b[pairs[:, 1]]
    for k, seed in enumerate(seeds):
        support = compatibility[seed] * strength
        support[seed] = strength[seed]
        motion, pair, weight = align_rigid(procrustes(of_a, of_b, support), a, b)
        motions[k, 0], motions[k, 1], motions[k, 2], motions[k, 3] = motion
        scores[k] = _geometric(motion, pair, weight, a, mask_a, b, mask_b)
    return motions, scores


@kernel
def _geometric(
    motion: Motion, pair: Indices, weight: Floats, a: Floats, mask_a: Mask, b: Floats, mask_b: Mask
) -> float:
    """Step 3's score of one alignment."""
    paired = (pair >= 0).sum()
    if paired < MIN_PAIRS:
        return 0.0
    count_a = max(paired, _count_on(move(motion, a), mask_b))
    count_b = max(paired, _count_on(move(inverse(motion), b), mask_a))
    return float(weight.sum() ** 2 / np.sqrt(count_a * count_b + 1.0))


@kernel
def _count_on(points: Floats, mask: Mask) -> int:
    """How many points lie on a finger area."""
    count = 0
    for i in range(len(points)):
        column, row = int(np.floor(points[i, 0] / CELL_PX)), int(np.floor(-points[i, 1] / CELL_PX))
        if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and mask[row, column]:
            count += 1
    return count
