"""Aligns one print rigidly with another and pairs minutiae that fall together.

1. A seed pair and the pairs compatible with it give a first rigid motion: weighted Procrustes, to which each pair also
   contributes its own rotation, like a pair of points 20 px apart. So the motion is determined even for a seed that no
   other pair supports.
2. Minutiae within 20 px and 0.6 rad are paired if each is the other's best; the motion is fitted to the pairs, and
   they are paired again.
3. Two elastic rounds: elastic.py.

The arrays are those of template/arrays.py. Functions write pairs to `pair`, index into b or −1, and `weight`, 1 for no
misfit to 0 at the tolerance, and return the number of pairs and the sum of their weights.
"""

from __future__ import annotations

import numpy as np

from infra.kernels.kernel import kernel
from services.fingerprint.template.arrays import Floats, Indices, Motion, Workspace
from services.fingerprint.template.grid import Extent, first_entry, lay_grid

RIGID_TOLERANCE = (20.0, 0.6)  # px, radians
ARM_PX = 20.0

_TURN = 2 * np.pi


@kernel
def procrustes(matched: Floats, count: int) -> Motion:
    """The weighted least-squares rigid motion for the first `count` rows, laid out as in `Workspace.matched`."""
    total, ax, ay, bx, by = 1e-12, 0.0, 0.0, 0.0, 0.0
    for k in range(count):
        weight = matched[k, 4]
        total += weight
        ax += weight * matched[k, 0]
        ay += weight * matched[k, 1]
        bx += weight * matched[k, 2]
        by += weight * matched[k, 3]
    ax, ay, bx, by = ax / total, ay / total, bx / total, by / total
    c, s = 1e-12, 0.0
    for k in range(count):
        ux, uy, vx, vy = matched[k, 0] - ax, matched[k, 1] - ay, matched[k, 2] - bx, matched[k, 3] - by
        c += matched[k, 4] * (ux * vx + uy * vy + ARM_PX * ARM_PX * matched[k, 5])
        s += matched[k, 4] * (ux * vy - uy * vx + ARM_PX * ARM_PX * matched[k, 6])
    length = np.sqrt(c * c + s * s)
    c, s = c / length, s / length
    return c, s, bx - c * ax + s * ay, by - s * ax - c * ay


@kernel
def move(motion: Motion, points: Floats, count: int, out: Floats) -> None:
    """Write minutiae, float64 (3, N), moved by a rigid motion."""
    c, s, shift_x, shift_y = motion
    turn = np.arctan2(s, c)
    for k in range(count):
        x, y = points[0, k], points[1, k]
        out[0, k] = c * x - s * y + shift_x
        out[1, k] = s * x + c * y + shift_y
        out[2, k] = points[2, k] + turn


@kernel
def inverse(motion: Motion) -> Motion:
    """The inverse of a rigid motion."""
    c, s, shift_x, shift_y = motion
    return c, -s, -c * shift_x - s * shift_y, s * shift_x - c * shift_y


@kernel
def load(a: Floats, b: Floats, w: Workspace) -> Extent:
    """Write two prints' minutiae to w.a and w.b and build the grid over b."""
    out_a, out_b = w.a, w.b
    for k in range(len(a)):
        out_a[0, k], out_a[1, k], out_a[2, k] = a[k, 0], a[k, 1], a[k, 2]
    for k in range(len(b)):
        out_b[0, k], out_b[1, k], out_b[2, k] = b[k, 0], b[k, 1], b[k, 2]
    return lay_grid(w.b, len(b), w.head, w.follower)


@kernel
def align_rigid(
    motion: Motion, n: int, grid: Extent, pair: Indices, weight: Floats, w: Workspace
) -> tuple[Motion, int, float]:
    """Pair the n minutiae w.a after a motion, and again after the motion fitted to the pairs; returns the latter."""
    move(motion, w.a, n, w.moved)
    paired, total = pair_up(w.moved, n, grid, RIGID_TOLERANCE, pair, weight, w)
    if paired >= 2:
        motion = procrustes(w.matched, _match(n, pair, weight, w))
        move(motion, w.a, n, w.moved)
        paired, total = pair_up(w.moved, n, grid, RIGID_TOLERANCE, pair, weight, w)
    return motion, paired, total


@kernel
def _match(n: int, pair: Indices, weight: Floats, w: Workspace) -> int:
    """Write the paired minutiae's positions, weights and rotations to w.matched; return how many."""
    a, b, matched = w.a, w.b, w.matched
    count = 0
    for i in range(n):
        j = pair[i]
        if j >= 0:
            matched[count, 0], matched[count, 1] = a[0, i], a[1, i]
            matched[count, 2], matched[count, 3], matched[count, 4] = b[0, j], b[1, j], weight[i]
            matched[count, 5], matched[count, 6] = np.cos(b[2, j] - a[2, i]), np.sin(b[2, j] - a[2, i])
            count += 1
    return count


@kernel
def pair_up(
    moved: Floats, n: int, grid: Extent, tolerance: tuple[float, float], pair: Indices, weight: Floats, w: Workspace
) -> tuple[int, float]:
    """Pair n moved minutiae with w.b through its grid: each the other's best within the tolerance (px, radians)."""
    reach, turn = tolerance
    b, cost, best, head, follower = w.b, w.cost, w.best, w.head, w.follower
    cost[:] = 1.0
    for i in range(n):
        x, y, angle = moved[0, i], moved[1, i], moved[2, i]
        pair[i], cost_i = -1, 1.0
        entry = first_entry(x, y, grid, head)
        while entry >= 0:
            j = entry & 127
            entry = follower[entry]
            squared = (b[0, j] - x) ** 2 + (b[1, j] - y) ** 2
            turned = _angle_between(angle, b[2, j])
            if (squared < reach * reach) & (turned < turn):  # one branch, rarely taken
                misfit = 0.5 * (squared / (reach * reach) + (turned / turn) ** 2)
                if misfit < cost_i:
                    cost_i, pair[i] = misfit, j
                if misfit < cost[j]:
                    cost[j], best[j] = misfit, i
        weight[i] = 1.0 - cost_i
    return _keep_mutual(n, pair, weight, best)


@kernel
def _keep_mutual(count: int, pair: Indices, weight: Floats, best: Indices) -> tuple[int, float]:
    """Remove pairs that are not each other's best."""
    paired, total = 0, 0.0
    for i in range(count):
        if pair[i] >= 0 and best[pair[i]] == i:
            paired += 1
            total += weight[i]
        else:
            pair[i], weight[i] = -1, 0.0
    return paired, total


@kernel
def _angle_between(p: float, q: float) -> float:
    """Angle between two directions, radians, 0 to π; they must be less than two turns apart."""
    turn = q - p + np.pi
    turn += _TURN if turn < 0.0 else 0.0
    turn -= _TURN if turn >= _TURN else 0.0
    return abs(turn - np.pi)
