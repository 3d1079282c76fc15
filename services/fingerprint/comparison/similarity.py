"""How alike two minutiae are, by their neighbours and by the ridges around them.

By neighbours: the dot product of their descriptors (descriptor.py), an exact integer, so it does not depend on the
order of summation. By ridges: the share of their signs that agree less the share that differ, −1 to 1
(extraction/ridge_signs.py). The similarity is the mean of both or, if one of the prints has no signs, the first. Pairs
below 0.15 are ignored.
"""

from __future__ import annotations

import numpy as np

from infra.kernels.kernel import kernel
from infra.kernels.population_count import population_count
from services.fingerprint.comparison.descriptor import LENGTH, SCALE
from services.fingerprint.template.arrays import Indices, Print

MIN_DOT = 9678  # similarity 0.15
LARGEST_DOT = 17 << 12  # rounding adds at most ½ √160 to the length of 254: no dot product is over 67,768
HALF_OF_SIGNS = 16
SIGN = 4032  # what a sign adds that agrees: 16 of them as much as equal descriptors
QUARTER_TURN = np.float32(np.pi / 2)
THREE_QUARTERS = np.float32(3 * np.pi / 2)


@kernel
def are_signed(a: Print, b: Print) -> bool:
    """Whether both prints have signs."""
    return len(a.signs) > 0 and len(b.signs) > 0


@kernel
def similar_pairs(a: Print, b: Print, keys: Indices, admissible: Indices) -> int:
    """Write the key of every similar pair of minutiae, unordered; return how many.

    Minutiae whose directions differ by more than 90° are not compared: fingers are not captured upside down.
    """
    angle_a, angle_b, descriptors_a, descriptors_b = a.minutiae[:, 2], b.minutiae[:, 2], a.descriptors, b.descriptors
    signs_a, signs_b, signed = a.signs, b.signs, are_signed(a, b)
    count = 0
    for i in range(len(angle_a)):
        turned_little = 0
        for j in range(len(angle_b)):
            turn = abs(angle_a[i] - angle_b[j])
            admissible[turned_little] = j
            turned_little += turn < QUARTER_TURN or turn >= THREE_QUARTERS
        for k in range(turned_little):
            j = admissible[k]
            dot = np.int32(0)
            for v in range(LENGTH):
                dot = np.int32(dot + np.int32(np.int32(descriptors_a[i, v]) * np.int32(descriptors_b[j, v])))
            if signed:
                dot = _with_signs(dot, signs_a[i], signs_b[j])
            keys[count] = pair_key(int(dot), i, j)
            count += int(dot >= MIN_DOT)  # without a branch, which would often be predicted wrongly
    return count


@kernel
def _with_signs(dot: np.int32, one: np.uint32, other: np.uint32) -> np.int32:
    """The mean of a product of descriptors and of what signs add, rounded down."""
    differing = np.int32(population_count(np.uint64(one ^ other)))
    return np.int32((dot + np.int32(SIGN) * (np.int32(HALF_OF_SIGNS) - differing)) >> np.int32(1))


@kernel
def similarity(a: Print, b: Print, i: int, j: int) -> float:
    """The similarity of minutia i of a and j of b, −1 to 1."""
    dot = np.int32(0)
    for v in range(LENGTH):
        dot = np.int32(dot + np.int32(np.int32(a.descriptors[i, v]) * np.int32(b.descriptors[j, v])))
    if are_signed(a, b):
        dot = _with_signs(dot, a.signs[i], b.signs[j])
    return dot / (SCALE * SCALE)


@kernel
def pair_key(dot: int, i: int, j: int) -> int:
    """A sort key: smaller for more similar minutiae, ties ordered by i, then j."""
    return ((LARGEST_DOT - dot) << 14) | (i << 7) | j


@kernel
def key_similarity(key: int) -> float:
    """The similarity, 0.15–1, in a key."""
    return (LARGEST_DOT - (key >> 14)) / (SCALE * SCALE)
