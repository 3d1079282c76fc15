"""Which minutiae of two prints may be the same ones: assignment, then relaxation.

1. Greedy one-to-one assignment by descriptor similarity.
2. Compatibility of every two pairs: the segment between the two minutiae must have about the same
   length and direction in both prints once the pairs' own rotation is taken off, and the two pairs
   must rotate alike. Tolerances grow with the length, as skin stretches.
3. Relaxation (Rosenfeld, Hummel, Zucker 1976; for minutiae Feng 2008): five times, a pair's strength
   becomes the mean of itself and of the support it gets from the pairs compatible with it.
4. The local score is the mean strength of the strongest 4–12 pairs.

Minutiae are rows of x, y (px, upward) and angle (radians); `pairs` are rows of two indices.
"""

from __future__ import annotations

import numpy as np

from infra.kernel import kernel
from services.fingerprint.arrays import Floats, Indices

MIN_SIMILARITY = 0.15
ROUNDS = 5
OWN_SHARE = 0.5
LENGTH_TOLERANCE = (4.0, 0.06)  # px, px per px
DIRECTION_TOLERANCE = (4.0, 0.12)  # px sideways, px per px
ROTATION_TOLERANCE = 0.22  # radians
MAX_EXPONENT = 8.0


@kernel
def assign(similarity: Floats) -> Indices:
    """Pair minutiae one to one, the most similar first; equal ones by index.

    Args:
        similarity: float32, shape (n, m), 0–1; n · m at most 2²⁰.

    Returns:
        int64, shape (pairs, 2): row and column, by falling similarity.
    """
    rows, columns = similarity.shape
    keys = np.empty(rows * columns, np.int64)
    count = 0
    for i in range(rows):
        for j in range(columns):
            if similarity[i, j] >= MIN_SIMILARITY:
                keys[count] = (np.int64(similarity[i, j] * -1e6) << 20) + i * columns + j
                count += 1
    pairs = np.empty((min(rows, columns), 2), np.int64)
    row_used, column_used = np.zeros(rows, np.bool_), np.zeros(columns, np.bool_)
    paired = 0
    for key in np.sort(keys[:count]):
        i, j = divmod(key & 0xFFFFF, columns)
        if not (row_used[i] or column_used[j]):
            row_used[i] = column_used[j] = True
            pairs[paired] = i, j
            paired += 1
    return pairs[:paired]


@kernel
def compatibilities(pairs: Indices, a: Floats, b: Floats) -> Floats:
    """float32, shape (pairs, pairs), 0–1, symmetric, zero on the diagonal: step 2."""
    n = len(pairs)
    out = np.zeros((n, n), np.float32)
    cosine, sine = np.empty(n), np.empty(n)
    for p in range(n):
        i, j = pairs[p]
        turn = b[j, 2] - a[i, 2]
        cosine[p], sine[p] = np.cos(turn), np.sin(turn)
        for q in range(p):
            k, m = pairs[q]
            exponent = (1.0 - cosine[p] * cosine[q] - sine[p] * sine[q]) / ROTATION_TOLERANCE**2
            if exponent > MAX_EXPONENT:
                continue
            c, s = cosine[p] + cosine[q], sine[p] + sine[q]
            scale = 1.0 / np.sqrt(c * c + s * s)
            dx, dy = a[k, 0] - a[i, 0], a[k, 1] - a[i, 1]
            ux, uy = (c * dx - s * dy) * scale, (s * dx + c * dy) * scale
            exponent += _segment_exponent(ux, uy, b[m, 0] - b[j, 0], b[m, 1] - b[j, 1])
            if exponent < MAX_EXPONENT:
                out[p, q] = out[q, p] = np.exp(-exponent)
    return out


@kernel
def _segment_exponent(ux: float, uy: float, vx: float, vy: float) -> float:
    """How far two segments differ, in squared tolerances, halved."""
    if ux * vx + uy * vy <= 0.0:
        return 2 * MAX_EXPONENT
    length_u, length_v = np.sqrt(ux * ux + uy * uy), np.sqrt(vx * vx + vy * vy)
    mean = 0.5 * (length_u + length_v)
    along = (length_u - length_v) / (LENGTH_TOLERANCE[0] + LENGTH_TOLERANCE[1] * mean)
    across = (ux * vy - uy * vx) / (max(mean, 1.0) * (DIRECTION_TOLERANCE[0] + DIRECTION_TOLERANCE[1] * mean))
    return float(0.5 * (along * along + across * across))


@kernel
def relax(strength: Floats, compatibility: Floats) -> Floats:
    """Return the pairs' strengths after step 3; float32, shape (pairs,)."""
    n = len(strength)
    share = np.float32((1.0 - OWN_SHARE) / max(n - 1, 1))
    for _ in range(ROUNDS):
        relaxed = np.float32(OWN_SHARE) * strength
        for p in range(n):
            support = np.float32(0.0)
            for q in range(n):
                support += compatibility[p, q] * strength[q]
            relaxed[p] += share * support
        strength = relaxed
    return strength


@kernel
def local_score(strength: Floats, minutiae: int) -> float:
    """Mean of the strongest 4–12 strengths, 0–1; how many, by the smaller print's minutiae count."""
    wanted = 4 + round(8.0 / (1.0 + np.exp(-0.4 * (minutiae - 20))))
    strongest = np.sort(strength)[::-1][:wanted]
    return float(strongest.sum() / wanted)
