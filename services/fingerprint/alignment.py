"""Lay one print over the other and pair what falls together.

1. A seed pair and the pairs compatible with it give a first rigid motion (weighted Procrustes).
2. Two rigid rounds: minutiae within 20 px and 0.6 rad are paired when each is the other's best;
   the motion is fitted anew to the pairs.
3. Two elastic rounds: the pairs' residuals, smoothed by a Gaussian of 60 px, move the minutiae (a
   paired minutia is moved by the other pairs' residuals only); tolerances 11 px and 0.45 rad.

Minutiae are rows of x, y (px, upward) and angle (radians); those of b stand by rising y. A motion is
(cos, sin, shift x, shift y).
"""

from __future__ import annotations

import numpy as np

from infra.kernel import kernel
from services.fingerprint.arrays import Floats, Indices, Motion

RIGID_TOLERANCE = (20.0, 0.6)  # px, radians
ELASTIC_TOLERANCE = (11.0, 0.45)
SMOOTHING_PX = 60.0
DAMPING = 0.3  # weight of "no displacement" in the smoothed residuals


@kernel
def procrustes(a: Floats, b: Floats, weight: Floats) -> Motion:
    """The rigid motion that brings the rows of a to those of b with least weighted squares."""
    total, ax, ay, bx, by = 1e-12, 0.0, 0.0, 0.0, 0.0
    for k in range(len(a)):
        total += weight[k]
        ax += weight[k] * a[k, 0]
        ay += weight[k] * a[k, 1]
        bx += weight[k] * b[k, 0]
        by += weight[k] * b[k, 1]
    ax, ay, bx, by = ax / total, ay / total, bx / total, by / total
    c, s = 1e-12, 0.0
    for k in range(len(a)):
        ux, uy, vx, vy = a[k, 0] - ax, a[k, 1] - ay, b[k, 0] - bx, b[k, 1] - by
        c += weight[k] * (ux * vx + uy * vy)
        s += weight[k] * (ux * vy - uy * vx)
    length = np.sqrt(c * c + s * s)
    c, s = c / length, s / length
    return c, s, bx - c * ax + s * ay, by - s * ax - c * ay


@kernel
def move(motion: Motion, points: Floats) -> Floats:
    """Minutiae after a rigid motion; float64, same shape."""
    c, s, shift_x, shift_y = motion
    turn = np.arctan2(s, c)
    out = np.empty(points.shape, np.float64)
    for k in range(len(points)):
        out[k, 0] = c * points[k, 0] - s * points[k, 1] + shift_x
        out[k, 1] = s * points[k, 0] + c * points[k, 1] + shift_y
        out[k, 2] = points[k, 2] + turn
    return out


@kernel
def inverse(motion: Motion) -> Motion:
    """The motion that undoes a motion."""
    c, s, shift_x, shift_y = motion
    return c, -s, -c * shift_x - s * shift_y, s * shift_x - c * shift_y


@kernel
def align_rigid(motion: Motion, a: Floats, b: Floats) -> tuple[Motion, Indices, Floats]:
    """Two rigid rounds from a first motion: the fitted motion, and the pairs it gives as `_pair_up` does."""
    pair, weight = _pair_up(move(motion, a), b, RIGID_TOLERANCE)
    for _ in range(2):
        paired = np.nonzero(pair >= 0)[0]
        if len(paired) < 2:
            break
        motion = procrustes(a[paired], b[pair[paired]], weight[paired])
        pair, weight = _pair_up(move(motion, a), b, RIGID_TOLERANCE)
    return motion, pair, weight


@kernel
def align_elastic(motion: Motion, a: Floats, b: Floats) -> tuple[Indices, Floats]:
    """Two elastic rounds from a rigid motion: the pairs they give as `_pair_up` does."""
    moved = move(motion, a)
    pair, weight = _pair_up(moved, b, RIGID_TOLERANCE)
    for _ in range(2):
        pair, weight = _pair_up(_displace(moved, b, pair, weight), b, ELASTIC_TOLERANCE)
    return pair, weight


@kernel
def _pair_up(moved: Floats, b: Floats, tolerance: tuple[float, float]) -> tuple[Indices, Floats]:
    """Pair moved minutiae with those of b, each the other's best within the tolerance.

    Returns:
        int64 (n,) index into b or -1, and float64 (n,) weight, 1 for no misfit to 0 at the tolerance.
    """
    best_a, cost_a = np.full(len(moved), -1), np.full(len(moved), 1.0)
    best_b, cost_b = np.full(len(b), -1), np.full(len(b), 1.0)
    for i in range(len(moved)):
        for j in range(np.searchsorted(b[:, 1], moved[i, 1] - tolerance[0]), len(b)):
            if b[j, 1] > moved[i, 1] + tolerance[0]:
                break
            cost = _misfit(moved[i], b[j], tolerance)
            if cost < cost_a[i]:
                cost_a[i], best_a[i] = cost, j
            if cost < cost_b[j]:
                cost_b[j], best_b[j] = cost, i
    weight = np.zeros(len(moved))
    for i in range(len(moved)):
        if best_a[i] >= 0 and best_b[best_a[i]] == i:
            weight[i] = 1.0 - cost_a[i]
        else:
            best_a[i] = -1
    return best_a, weight


@kernel
def _misfit(p: Floats, q: Floats, tolerance: tuple[float, float]) -> float:
    """Mean of squared distance and squared turn, each in tolerances; 1 when either is over its tolerance."""
    reach, turn = tolerance
    distance = ((q[0] - p[0]) ** 2 + (q[1] - p[1]) ** 2) / (reach * reach)
    if distance >= 1.0:
        return 1.0
    misturn = abs((q[2] - p[2] + np.pi) % (2 * np.pi) - np.pi) / turn
    return float(0.5 * (distance + misturn * misturn)) if misturn < 1.0 else 1.0


@kernel
def _displace(moved: Floats, b: Floats, pair: Indices, weight: Floats) -> Floats:
    """Move every minutia by the smoothed residuals of the pairs other than its own."""
    paired = np.nonzero(pair >= 0)[0]
    out = moved.copy()
    for i in range(len(moved)):
        total, sum_x, sum_y = DAMPING, 0.0, 0.0
        for k in paired:
            if k == i:
                continue
            distance = (moved[k, 0] - moved[i, 0]) ** 2 + (moved[k, 1] - moved[i, 1]) ** 2
            g = weight[k] * np.exp(-distance / (2 * SMOOTHING_PX**2))
            total += g
            sum_x += g * (b[pair[k], 0] - moved[k, 0])
            sum_y += g * (b[pair[k], 1] - moved[k, 1])
        out[i, 0] += sum_x / total
        out[i, 1] += sum_y / total
    return out
