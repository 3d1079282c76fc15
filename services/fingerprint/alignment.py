"""Lay one print over the other and count what falls together.

1. A seed pair and the pairs compatible with it give a first rigid motion (weighted Procrustes).
2. Two rigid rounds: minutiae within 20 px and 0.6 rad are paired when each is the other's best;
   the motion is fitted anew to the pairs.
3. Two elastic rounds: the pairs' residuals, smoothed by a Gaussian of 60 px, move the minutiae (a
   paired minutia is moved by the other pairs' residuals only); tolerances 11 px and 0.45 rad.
4. Score = (Σ w)² / √(nA nB + 1), where w falls from 1 to 0 with the pair's misfit, and nA, nB count
   the minutiae of each print that lie on the other's finger area: unpaired ones there count against.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from services.fingerprint.features import CELL_PX

SEEDS = 8
ELASTIC_SEEDS = 2
RIGID_TOLERANCE = (20.0, 0.6)  # px, radians
ELASTIC_TOLERANCE = (11.0, 0.45)
SMOOTHING_PX = 60.0
DAMPING = 0.3  # weight of "no displacement" in the smoothed residuals


@njit(cache=True, nogil=True)
def procrustes(ax, ay, bx, by, weight):  # type: ignore[no-untyped-def] # numba compiles it by its arguments
    """The rigid motion (cos, sin, shift x, shift y) that brings a to b with least weighted squares."""
    total = weight.sum()
    mean_ax, mean_ay = (weight * ax).sum() / total, (weight * ay).sum() / total
    mean_bx, mean_by = (weight * bx).sum() / total, (weight * by).sum() / total
    ux, uy, vx, vy = ax - mean_ax, ay - mean_ay, bx - mean_bx, by - mean_by
    c, s = (weight * (ux * vx + uy * vy)).sum(), (weight * (ux * vy - uy * vx)).sum()
    length = np.sqrt(c * c + s * s)
    c, s = (c / length, s / length) if length > 1e-9 else (1.0, 0.0)
    return c, s, mean_bx - c * mean_ax + s * mean_ay, mean_by - s * mean_ax - c * mean_ay


@njit(cache=True, nogil=True)
def pair_up(px, py, pt, xb, yb, tb, tolerance):  # type: ignore[no-untyped-def] # as above
    """Pair moved minutiae with those of b, each the other's best within the tolerance.

    Args:
        px, py, pt: float64, shape (n,): moved minutiae.
        xb, yb, tb: float32, shape (m,): b's, by rising y.
        tolerance: px and radians.

    Returns:
        int64 (n,) index into b or -1, and float64 (n,) weight 0–1.
    """
    reach, turn = tolerance
    best_a, cost_a = np.full(len(px), -1), np.full(len(px), 1.0)
    best_b, cost_b = np.full(len(xb), -1), np.full(len(xb), 1.0)
    for i in range(len(px)):
        for j in range(np.searchsorted(yb, py[i] - reach), len(xb)):
            if yb[j] > py[i] + reach:
                break
            dx, dy = xb[j] - px[i], yb[j] - py[i]
            cost = (dx * dx + dy * dy) / (reach * reach)
            if cost >= 1.0:
                continue
            misturn = abs((tb[j] - pt[i] + np.pi) % (2 * np.pi) - np.pi) / turn
            cost = 0.5 * (cost + misturn * misturn)
            if misturn < 1.0 and cost < cost_a[i]:
                cost_a[i], best_a[i] = cost, j
            if misturn < 1.0 and cost < cost_b[j]:
                cost_b[j], best_b[j] = cost, i
    weight = np.zeros(len(px))
    for i in range(len(px)):
        if best_a[i] >= 0 and best_b[best_a[i]] == i:
            weight[i] = 1.0 - cost_a[i]
        else:
            best_a[i] = -1
    return best_a, weight


@njit(cache=True, nogil=True)
def move(motion, x, y, t):  # type: ignore[no-untyped-def] # as above
    """Positions and angles after a rigid motion."""
    c, s, shift_x, shift_y = motion
    return c * x - s * y + shift_x, s * x + c * y + shift_y, t + np.arctan2(s, c)


@njit(cache=True, nogil=True)
def align_rigid(motion, xa, ya, ta, xb, yb, tb):  # type: ignore[no-untyped-def] # as above
    """Two rigid rounds from a first motion: the fitted motion, its pairs and their weights."""
    px, py, pt = move(motion, xa, ya, ta)
    pair, weight = pair_up(px, py, pt, xb, yb, tb, RIGID_TOLERANCE)
    for _ in range(2):
        paired = np.nonzero(pair >= 0)[0]
        if len(paired) < 2:
            break
        mate = pair[paired]
        motion = procrustes(xa[paired], ya[paired], xb[mate], yb[mate], weight[paired])
        px, py, pt = move(motion, xa, ya, ta)
        pair, weight = pair_up(px, py, pt, xb, yb, tb, RIGID_TOLERANCE)
    return motion, pair, weight


@njit(cache=True, nogil=True)
def align_elastic(motion, xa, ya, ta, xb, yb, tb):  # type: ignore[no-untyped-def] # as above
    """Two elastic rounds from a rigid motion: pairs and weights."""
    px, py, pt = move(motion, xa, ya, ta)
    pair, weight = pair_up(px, py, pt, xb, yb, tb, RIGID_TOLERANCE)
    for _ in range(2):
        qx, qy = _displace(px, py, pair, weight, xb, yb)
        pair, weight = pair_up(qx, qy, pt, xb, yb, tb, ELASTIC_TOLERANCE)
    return pair, weight


@njit(cache=True, nogil=True)
def _displace(px, py, pair, weight, xb, yb):  # type: ignore[no-untyped-def] # as above
    """Move every minutia by the smoothed residuals of the pairs other than its own."""
    paired = np.nonzero(pair >= 0)[0]
    qx, qy = px.copy(), py.copy()
    for i in range(len(px)):
        total, sum_x, sum_y = DAMPING, 0.0, 0.0
        for k in paired:
            if k == i:
                continue
            distance = (px[k] - px[i]) ** 2 + (py[k] - py[i]) ** 2
            g = weight[k] * np.exp(-distance / (2 * SMOOTHING_PX**2))
            total += g
            sum_x += g * (xb[pair[k]] - px[k])
            sum_y += g * (yb[pair[k]] - py[k])
        qx[i] += sum_x / total
        qy[i] += sum_y / total
    return qx, qy


@njit(cache=True, nogil=True)
def count_on(x, y, mask):  # type: ignore[no-untyped-def] # as above
    """How many positions (px, y upward from the mask's top, so ≤ 0) lie on a finger mask."""
    count = 0
    for i in range(len(x)):
        column, row = int(np.floor(x[i] / CELL_PX)), int(np.floor(-y[i] / CELL_PX))
        if 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and mask[row, column]:
            count += 1
    return count
