"""Finds which minutiae of two prints may correspond: assignment, then relaxation.

1. Greedy one-to-one assignment by similarity (similarity.py).
2. Compatibility of every two pairs: the segment between the two minutiae must have about the same length and
   direction in both prints after the pairs' own rotation is removed, and both pairs must rotate alike. Tolerances
   grow with the length, as skin stretches.
3. Relaxation (Rosenfeld, Hummel, Zucker 1976; for minutiae Feng 2008): five times, a pair's strength becomes the mean
   of itself and of the support from the pairs compatible with it.
4. The local score is the mean strength of the strongest 4–12 pairs.

The arrays are those of template/arrays.py; loops are written so that the compiler can vectorise them.
"""

from __future__ import annotations

import numpy as np

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.similarity import key_similarity
from services.fingerprint.template.arrays import BUCKETS, Floats, Indices, Workspace

ROUNDS = 5
OWN_SHARE = 0.5
LENGTH_TOLERANCE = (4.0, 0.06)  # px, px per px
DIRECTION_TOLERANCE = (4.0, 0.12)  # px sideways, px per px
ROTATION_TOLERANCE = 0.22  # radians
MAX_EXPONENT = 8.0

_BUCKET_SHIFT = 14 + 7  # a key's similarity begins at bit 14; 128 dot products share a bucket


@kernel
def assign(keys: Indices, count: int, pairs: Indices, strength: Floats, w: Workspace) -> int:
    """Pair minutiae one to one, the most similar first; ties by index.

    Args:
        keys: `pair_key` of each similar pair, unordered.
        count: number of keys.
        pairs: output: row and column of each pair, by falling similarity.
        strength: output: similarity of each pair.
        w: scratch memory.

    Returns:
        Number of pairs.
    """
    _sort(keys, count, w.sorted_keys, w.buckets)
    sorted_keys, row_used, column_used = w.sorted_keys, w.admissible, w.best
    paired = 0
    row_used[:] = 0
    column_used[:] = 0
    for k in range(count):
        key = sorted_keys[k]
        i, j = (key >> 7) & 127, key & 127
        if row_used[i] + column_used[j] == 0:
            row_used[i] = column_used[j] = 1
            pairs[paired, 0], pairs[paired, 1] = i, j
            strength[paired] = key_similarity(key)
            paired += 1
    return paired


@kernel
def _sort(keys: Indices, count: int, out: Indices, buckets: Indices) -> None:
    """Bucket sort by similarity, then insertion sort of the few keys that are out of order."""
    buckets[:] = 0
    for k in range(count):
        buckets[(keys[k] >> _BUCKET_SHIFT) + 1] += 1
    for bucket in range(BUCKETS):
        buckets[bucket + 1] += buckets[bucket]
    for k in range(count):
        bucket = keys[k] >> _BUCKET_SHIFT
        out[buckets[bucket]] = keys[k]
        buckets[bucket] += 1
    for k in range(1, count):
        key, place = out[k], k
        while place > 0 and out[place - 1] > key:
            out[place] = out[place - 1]
            place -= 1
        out[place] = key


@kernel
def compatibilities(pairs: Indices, n: int, a: Floats, b: Floats, w: Workspace) -> None:
    """Step 2 for the first n pairs: writes w.compatibility, 0–1, symmetric, zero on the diagonal."""
    ends, exponents, compatibility = w.ends, w.exponents, w.compatibility
    for p in range(n):
        i, j = pairs[p, 0], pairs[p, 1]
        turn = b[j, 2] - a[i, 2]
        ends[0, p], ends[1, p], ends[2, p], ends[3, p] = a[i, 0], a[i, 1], b[j, 0], b[j, 1]
        ends[4, p], ends[5, p] = np.cos(turn), np.sin(turn)
        _misfits(ends, p, exponents)
        compatibility[p, p] = 0.0
        for q in range(p):
            fit = np.exp(-exponents[q]) if exponents[q] < MAX_EXPONENT else 0.0
            compatibility[p, q] = compatibility[q, p] = fit


@kernel
def _misfits(ends: Floats, p: int, exponents: Floats) -> None:
    """Misfit of pair p with each pair before it, as half the sum of squared deviations in units of the tolerances."""
    x_a, y_a, x_b, y_b, cosine, sine = ends[0], ends[1], ends[2], ends[3], ends[4], ends[5]
    for q in range(p):
        c, s = cosine[p] + cosine[q], sine[p] + sine[q]
        scale = np.divide(1.0, np.sqrt(c * c + s * s))
        dx, dy = x_a[q] - x_a[p], y_a[q] - y_a[p]
        ux, uy = (c * dx - s * dy) * scale, (s * dx + c * dy) * scale
        turns = (1.0 - cosine[p] * cosine[q] - sine[p] * sine[q]) / ROTATION_TOLERANCE**2
        exponents[q] = turns + _segment_exponent(ux, uy, x_b[q] - x_b[p], y_b[q] - y_b[p])


@kernel
def _segment_exponent(ux: float, uy: float, vx: float, vy: float) -> float:
    """Difference of two segments, as half the sum of squared deviations in units of the tolerances."""
    length_u, length_v = np.sqrt(ux * ux + uy * uy), np.float32(np.sqrt(vx * vx + vy * vy))
    mean = 0.5 * (length_u + length_v)
    along = np.divide(length_u - length_v, LENGTH_TOLERANCE[0] + LENGTH_TOLERANCE[1] * mean)
    reach = max(mean, 1.0) * (DIRECTION_TOLERANCE[0] + DIRECTION_TOLERANCE[1] * mean)
    across = np.divide(ux * vy - uy * vx, reach)
    return 2 * MAX_EXPONENT if ux * vx + uy * vy <= 0.0 else 0.5 * (along * along + across * across)


@kernel
def relax(strength: Floats, n: int, compatibility: Floats, support: Floats) -> None:
    """Step 3: update the first n pairs' strengths."""
    share = np.float32((1.0 - OWN_SHARE) / max(n - 1, 1))
    for _ in range(ROUNDS):
        support[:n] = 0.0
        for q in range(n):
            for p in range(n):
                support[p] += compatibility[q, p] * strength[q]
        for p in range(n):
            strength[p] = np.float32(OWN_SHARE) * strength[p] + share * support[p]


@kernel
def strongest_pairs(strength: Floats, n: int, wanted: int, out: Indices) -> int:
    """Write the indices of the strongest pairs, ties by index; return how many, at most `wanted`."""
    found = 0
    for k in range(n):
        place = min(found, wanted - 1)
        if found == wanted and strength[k] <= strength[out[place]]:
            continue
        while place > 0 and strength[out[place - 1]] < strength[k]:
            out[place] = out[place - 1]
            place -= 1
        out[place] = k
        found = min(found + 1, wanted)
    return found


@kernel
def local_pairs(minutiae: int) -> int:
    """Number of pairs in the local score, 4–12, by the smaller print's number of minutiae."""
    return int(4 + round(8.0 / (1.0 + np.exp(-0.4 * (minutiae - 20)))))
