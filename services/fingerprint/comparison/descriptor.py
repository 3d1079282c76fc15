"""Describes the neighbourhood of a minutia by a vector of fixed length.

The descriptor is this project's own, in the line of shape contexts (Belongie, Malik, Puzicha, TPAMI 2002). Neighbours
are expressed in the minutia's frame (its position the origin, its direction the x axis), so the vector does not change
when the finger is shifted or rotated.

1. 32 sampling points lie on three rings around the minutia: 6 at 18 px, 10 at 38 px, 16 at 58 px.
2. Every neighbour contributes to every point a Gaussian of its distance to the point (σ 8, 9, 10 px: skin distorts more
   with distance), weighted by its confidence.
3. At each point five values are summed: 1, cos δ, sin δ, cos 2δ, sin 2δ, where δ is the neighbour's direction relative
   to the minutia's. They encode number and directions of the neighbours smoothly, without bins.
4. The mean density, a constant, is subtracted from the first value, which is weighted by 0.7; the vector is scaled to
   unit length and rounded to −127…127. They are held in 16 bits, which multiply faster.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.fingerprint.template.arrays import Descriptors, Floats

RINGS = ((18.0, 6, 8.0), (38.0, 10, 9.0), (58.0, 16, 10.0))  # radius px, points, σ px
RADIUS_PX = 58.0 + 2.5 * 10.0
VALUES = 5
LENGTH = sum(points for _, points, _ in RINGS) * VALUES
SCALE = 254.0  # numbers per unit: components over one half are clipped

_DENSITY_WEIGHT = 0.7
MAX_EXPONENT = 6.0  # a Gaussian beyond it counts as 0
_MEAN_DENSITY = 0.3  # neighbours per sampling point, by Gaussian weight


def _sampling_points() -> NDArray[np.float32]:
    """float32, shape (32, 3): x, y and 1 / (2 σ²) of each point."""
    points = []
    for ring, (radius, count, sigma) in enumerate(RINGS):
        for k in range(count):
            angle = 2 * np.pi * (k + 0.5 * (ring % 2)) / count
            points.append((radius * np.cos(angle), radius * np.sin(angle), 0.5 / sigma**2))
    return np.array(points, np.float32)


POINTS = _sampling_points()
_X, _Y, _NARROWNESS = (np.ascontiguousarray(column) for column in POINTS.T)

Sums = NDArray[np.float32]
_TOGETHER = 8  # vectors whose lengths are computed side by side


def describe(minutiae: NDArray[np.float32], confidence: NDArray[np.float32]) -> Descriptors:
    """Descriptors of one print's minutiae; arguments as `describe_into`, result int16, shape (n, 160)."""
    count = len(minutiae)
    descriptors = np.empty((count, LENGTH), np.int16)
    describe_into(minutiae, confidence, sums_of(count), descriptors)
    return descriptors


@kernel
def sums_of(count: int) -> Sums:
    """Scratch memory for `describe_into`, for up to `count` minutiae; float32, shape (count or more, 5, 32)."""
    return np.empty((count + _TOGETHER, VALUES, len(POINTS)), np.float32)


@kernel
def describe_into(
    minutiae: NDArray[np.float32], confidence: NDArray[np.float32], sums: Sums, descriptors: Descriptors
) -> None:
    """Write the descriptors of one print's minutiae.

    Args:
        minutiae: float32, shape (n, 3): x, y (px, upward), angle (radians, counter-clockwise).
        confidence: float32, shape (n,), 0–1.
        sums: scratch memory by `sums_of`.
        descriptors: output, int16, shape (n, 160), −127 to 127: the first values of all points, then the second
            ones, and so on; zero where a minutia has no neighbour within 83 px.
    """
    count = len(minutiae)
    sums[: count + _TOGETHER] = 0.0
    _sum(minutiae, confidence, sums)
    for first in range(0, count, _TOGETHER):
        _scale(sums[first : first + _TOGETHER], descriptors[first : first + _TOGETHER])


@kernel
def _sum(minutiae: Floats, confidence: Floats, sums: Sums) -> None:
    """Steps 2 and 3: writes each minutia's sums. Every two are looked at once; neighbours are added by rising index."""
    count = len(minutiae)
    axes = np.empty((count, 2), np.float32)
    for i in range(count):
        axes[i, 0], axes[i, 1] = np.cos(minutiae[i, 2]), np.sin(minutiae[i, 2])
    for i in range(count):
        for j in range(i + 1, count):
            dx, dy = minutiae[j, 0] - minutiae[i, 0], minutiae[j, 1] - minutiae[i, 1]
            if dx * dx + dy * dy > np.float32(RADIUS_PX * RADIUS_PX):
                continue
            turn = minutiae[j, 2] - minutiae[i, 2]
            c, s = np.cos(turn), np.sin(turn)
            _add(dx, dy, axes[i], c, s, confidence[j], sums[i])
            _add(-dx, -dy, axes[j], c, -s, confidence[i], sums[j])


@kernel
def _add(
    dx: np.float32,
    dy: np.float32,
    axis: Floats,
    c1: np.float32,
    s1: np.float32,
    confidence: np.float32,
    sums: Floats,
) -> None:
    """Add a neighbour to a minutia's sums, float32, shape (5, points).

    Args:
        dx: of the neighbour from the minutia, px.
        dy: the same.
        axis: cosine and sine of the minutia's direction.
        c1: cosine of the neighbour's direction relative to the minutia's.
        s1: its sine.
        confidence: of the neighbour.
        sums: output.
    """
    weight = np.float32(0.5) + np.float32(0.5) * confidence
    c2, s2 = c1 * c1 - s1 * s1, np.float32(2.0) * s1 * c1
    u, v = axis[0] * dx + axis[1] * dy, axis[0] * dy - axis[1] * dx
    density, cos1, sin1, cos2, sin2 = sums[0], sums[1], sums[2], sums[3], sums[4]
    for p in range(len(_X)):
        across, up = u - _X[p], v - _Y[p]
        g = weight * _gaussian((across * across + up * up) * _NARROWNESS[p])
        density[p] += g
        cos1[p] += g * c1
        sin1[p] += g * s1
        cos2[p] += g * c2
        sin2[p] += g * s2


@kernel
def _gaussian(exponent: np.float32) -> np.float32:
    """exp(−exponent) to 1e-5, 0 beyond 6: the 64th power of a cubic, without a call that would prevent vectorising."""
    t = exponent * np.float32(1 / 64)
    g = np.float32(1.0) - t * (np.float32(1.0) - t * (np.float32(0.5) - t * np.float32(1 / 6)))
    g *= g
    g *= g
    g *= g
    g *= g
    g *= g
    g *= g
    return g if exponent < np.float32(MAX_EXPONENT) else np.float32(0.0)


@kernel
def _scale(sums: Sums, out: Descriptors) -> None:
    """Step 4 for up to 8 minutiae: write the sums as vectors of whole numbers; zero without neighbours."""
    squares, most = np.zeros(_TOGETHER, np.float32), np.zeros(_TOGETHER, np.float32)
    for k in range(_TOGETHER):
        density, highest = sums[k, 0], np.float32(0.0)
        for p in range(len(_X)):
            highest = max(highest, density[p])
            density[p] = np.float32(_DENSITY_WEIGHT) * (density[p] - np.float32(_MEAN_DENSITY))
        most[k] = highest
    for v in range(VALUES):
        for p in range(len(_X)):
            for k in range(_TOGETHER):
                squares[k] += sums[k, v, p] * sums[k, v, p]
    for k in range(len(out)):
        factor = np.float32(SCALE) / max(np.sqrt(squares[k]), np.float32(1e-6))
        factor = factor if most[k] > np.float32(0.0) else np.float32(0.0)
        for v in range(VALUES):
            numbers, row = sums[k, v], out[k, len(_X) * v : len(_X) * (v + 1)]
            for p in range(len(_X)):
                row[p] = np.int16(min(max(np.rint(factor * numbers[p]), np.float32(-127.0)), np.float32(127.0)))
