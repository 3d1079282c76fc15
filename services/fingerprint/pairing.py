"""Which minutiae of two prints may be the same ones: assignment, then relaxation.

1. Greedy one-to-one assignment by descriptor similarity.
2. Compatibility of every two pairs: the segment between the two minutiae must have about the same
   length and direction in both prints once the pairs' own rotation is taken off, and the two pairs
   must rotate alike. Tolerances grow with the length, as skin stretches.
3. Relaxation (Rosenfeld, Hummel, Zucker 1976; for minutiae Feng 2008): five times, a pair's strength
   becomes the mean of itself and of the support it gets from the pairs compatible with it.
4. The local score is the mean strength of the strongest 4–12 pairs.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MIN_SIMILARITY = 0.25
ROUNDS = 5
OWN_SHARE = 0.5
LENGTH_TOLERANCE = (4.0, 0.06)  # px, px per px
DIRECTION_TOLERANCE = (4.0, 0.12)  # px sideways, px per px
ROTATION_TOLERANCE = 0.22  # radians
MAX_EXPONENT = 8.0


@njit(cache=True, nogil=True)
def assign(similarity):  # type: ignore[no-untyped-def] # numba compiles it by its arguments
    """Pair minutiae one to one, the most similar first; equal ones by index.

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


@njit(cache=True, nogil=True)
def compatibilities(pairs, xa, ya, ta, xb, yb, tb):  # type: ignore[no-untyped-def] # as above
    """float32, shape (pairs, pairs), 0–1, symmetric, zero on the diagonal: step 2."""
    n = len(pairs)
    out = np.zeros((n, n), np.float32)
    cosine, sine = np.empty(n), np.empty(n)
    for p in range(n):
        turn = tb[pairs[p, 1]] - ta[pairs[p, 0]]
        cosine[p], sine[p] = np.cos(turn), np.sin(turn)
    for p in range(n):
        for q in range(p):
            i, j, k, m = pairs[p, 0], pairs[p, 1], pairs[q, 0], pairs[q, 1]
            agreement = cosine[p] * cosine[q] + sine[p] * sine[q]
            exponent = (1.0 - agreement) / ROTATION_TOLERANCE**2
            if exponent > MAX_EXPONENT:
                continue
            c, s = cosine[p] + cosine[q], sine[p] + sine[q]
            scale = 1.0 / np.sqrt(c * c + s * s)
            dx, dy = xa[k] - xa[i], ya[k] - ya[i]
            ux, uy = (c * dx - s * dy) * scale, (s * dx + c * dy) * scale
            exponent += _segment_exponent(ux, uy, xb[m] - xb[j], yb[m] - yb[j])
            if exponent < MAX_EXPONENT:
                out[p, q] = out[q, p] = np.exp(-exponent)
    return out


@njit(cache=True, nogil=True)
def _segment_exponent(ux, uy, vx, vy):  # type: ignore[no-untyped-def] # as above
    """How far two segments differ, in squared tolerances, halved."""
    length_u, length_v = np.sqrt(ux * ux + uy * uy), np.sqrt(vx * vx + vy * vy)
    if ux * vx + uy * vy <= 0.0:
        return 2 * MAX_EXPONENT
    mean = 0.5 * (length_u + length_v)
    along = (length_u - length_v) / (LENGTH_TOLERANCE[0] + LENGTH_TOLERANCE[1] * mean)
    across = (ux * vy - uy * vx) / (max(mean, 1.0) * (DIRECTION_TOLERANCE[0] + DIRECTION_TOLERANCE[1] * mean))
    return 0.5 * (along * along + across * across)


@njit(cache=True, nogil=True)
def relax(strength, compatibility):  # type: ignore[no-untyped-def] # as above
    """Return the pairs' strengths after step 3; float32, shape (pairs,)."""
    n = len(strength)
    share = np.float32((1.0 - OWN_SHARE) / max(n - 1, 1))
    for _ in range(ROUNDS):
        relaxed = OWN_SHARE * strength
        for p in range(n):
            support = np.float32(0.0)
            for q in range(n):
                support += compatibility[p, q] * strength[q]
            relaxed[p] += share * support
        strength = relaxed.astype(np.float32)
    return strength


@njit(cache=True, nogil=True)
def local_score(strength, minutiae):  # type: ignore[no-untyped-def] # as above
    """Mean of the strongest 4–12 strengths, 0–1; how many, by the smaller print's minutiae count."""
    wanted = 4 + int(round(8.0 / (1.0 + np.exp(-0.4 * (minutiae - 20)))))
    strongest = np.sort(strength)[::-1][:wanted]
    return strongest.sum() / wanted
