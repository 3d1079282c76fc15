"""Aligns one print elastically with another, as skin stretches.

Two rounds after a rigid alignment (alignment.py): the pairs' residuals, smoothed by a Gaussian of 60 px, displace the
minutiae (a paired minutia by the residuals of the other pairs only), which are then paired again within 11 px and
0.45 rad.
"""

from __future__ import annotations

import numpy as np

from infra.kernels.kernel import kernel
from services.fingerprint.comparison.alignment import move, pair_up
from services.fingerprint.template.arrays import Floats, Indices, Motion, Workspace
from services.fingerprint.template.grid import Extent

ELASTIC_TOLERANCE = (11.0, 0.45)  # px, radians
SMOOTHING_PX = 60.0
DAMPING = 0.3  # weight of "no displacement" in the smoothed residuals

_GAUSSIAN = np.exp(-(np.arange(2048, dtype=np.float64) ** 2) / (2 * SMOOTHING_PX**2))  # by whole px


@kernel
def align_elastic(
    motion: Motion, n: int, grid: Extent, pair: Indices, weight: Floats, w: Workspace
) -> tuple[int, float]:
    """Two elastic rounds from a rigid motion and its pairs; `pair` and `weight` are replaced."""
    paired, total = 0, 0.0
    move(motion, w.a, n, w.moved)
    for _ in range(2):
        _displace(n, pair, weight, w)
        paired, total = pair_up(w.displaced, n, grid, ELASTIC_TOLERANCE, pair, weight, w)
    return paired, total


@kernel
def _displace(n: int, pair: Indices, weight: Floats, w: Workspace) -> None:
    """Write w.moved to w.displaced, every minutia displaced by the smoothed residuals of the pairs other than its own.

    Distances are taken in w.a, where x and y are whole px: a rigid motion does not change them.
    """
    count = _residuals(n, pair, weight, w)
    a, moved, displaced, matched, own = w.a, w.moved, w.displaced, w.matched, w.strongest
    for i in range(n):
        total, sum_x, sum_y = DAMPING, 0.0, 0.0
        for k in range(count):
            if own[k] != i:
                dx, dy = abs(matched[k, 0] - a[0, i]), abs(matched[k, 1] - a[1, i])
                g = matched[k, 4] * (_GAUSSIAN[int(dx) & 2047] * _GAUSSIAN[int(dy) & 2047])
                total += g
                sum_x += g * matched[k, 2]
                sum_y += g * matched[k, 3]
        displaced[0, i] = moved[0, i] + sum_x / total
        displaced[1, i] = moved[1, i] + sum_y / total
        displaced[2, i] = moved[2, i]


@kernel
def _residuals(n: int, pair: Indices, weight: Floats, w: Workspace) -> int:
    """Write the paired minutiae's indices to w.strongest; positions in a, residuals and weights to w.matched."""
    a, b, moved, matched, own = w.a, w.b, w.moved, w.matched, w.strongest
    count = 0
    for k in range(n):
        j = pair[k]
        if j >= 0:
            own[count] = k
            matched[count, 0], matched[count, 1], matched[count, 4] = a[0, k], a[1, k], weight[k]
            matched[count, 2], matched[count, 3] = b[0, j] - moved[0, k], b[1, j] - moved[1, k]
            count += 1
    return count
