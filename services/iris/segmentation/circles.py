"""Samples images along circles and rays, and fits circles to points."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle in px; x to the right, y downwards, the centre of the first pixel is (0, 0).

    Args:
        x: centre, px.
        y: centre, px.
        radius: px.
    """

    x: float
    y: float
    radius: float

    def scaled(self, factor: float) -> Circle:
        """Return the circle in an image resized by `factor`, with `cv2.resize`'s pixel alignment."""
        return Circle(
            (self.x + 0.5) * factor - 0.5,
            (self.y + 0.5) * factor - 0.5,
            self.radius * factor,
        )


def directions(count: int) -> Floats:
    """Return unit vectors, float32 (2, count): x and y of evenly spaced angles, clockwise on the screen from +x."""
    angles = np.arange(count, dtype=np.float32) * np.float32(2 * np.pi / count)
    return np.stack([np.cos(angles), np.sin(angles)])


def sample(gray: Gray, xs: Floats, ys: Floats) -> Floats:
    """Sample an image at points, bilinearly, edge pixels repeated outside. Returns float32 of the points' shape."""
    columns, rows = (each.astype(np.float32, copy=False) for each in (xs, ys))
    values = cv2.remap(gray, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(values, np.float32)


def medians(columns: Floats) -> Floats:
    """Return the median of each column, float32 (columns,), as `np.median` in a fifth of its time.

    Args:
        columns: float32 (n, columns), n at least 1, without NaN.
    """
    ordered, middle = np.sort(columns, axis=0), len(columns) // 2
    return np.asarray((ordered[(len(columns) - 1) // 2] + ordered[middle]) / np.float32(2))


def rays(gray: Gray, x: float, y: float, radii: Floats, vectors: Floats) -> Floats:
    """Sample along rays from a point. Returns float32 (rays, radii)."""
    return sample(gray, x + vectors[0][:, None] * radii, y + vectors[1][:, None] * radii)


def fit_circle(xs: Floats, ys: Floats, weights: Floats, rounds: int = 6) -> tuple[Circle, float]:
    """Fit a circle to points by least squares (Kåsa 1976), repeatedly without outliers.

    Args:
        xs: points, px; at least three.
        ys: the same points.
        weights: not negative.
        rounds: number of fits.

    Returns:
        The circle, and the share of points within 0.5 px + 3 % of the radius from it.
    """
    points = np.array((xs, ys, weights), np.float64)
    x, y, radius, support = _fit(points[0], points[1], points[2], rounds)
    return Circle(x, y, radius), support


def warm_up() -> None:
    """Compile this module's kernel, or load it from the cache."""
    xs, ys = directions(3)
    fit_circle(xs, ys, np.ones(3, np.float32))


@kernel
def _fit(  # pragma: no cover  # compiled
    xs: Doubles, ys: Doubles, weights: Doubles, rounds: int
) -> tuple[float, float, float, float]:
    used = weights.copy()
    x, y, radius, residual = 0.0, 0.0, 0.0, weights
    for _ in range(rounds):
        total = used.sum() + 1e-12
        x0, y0 = (used * xs).sum() / total, (used * ys).sum() / total
        us, vs = xs - x0, ys - y0
        squares = us * us + vs * vs
        uu, uv, vv = (used * us * us).sum() + 1e-9, (used * us * vs).sum(), (used * vs * vs).sum() + 1e-9
        us_by, vs_by = (used * us * squares).sum(), (used * vs * squares).sum()
        a = (us_by * vv - vs_by * uv) / (uu * vv - uv * uv) / 2
        b = (vs_by * uu - us_by * uv) / (uu * vv - uv * uv) / 2
        x, y, radius = x0 + a, y0 + b, np.sqrt(max((used * squares).sum() / total + a * a + b * b, 1e-6))
        residual = np.abs(np.hypot(us - a, vs - b) - radius)
        limit = min(max(1.5, 2.5 * np.sort(residual)[residual.size // 2]), 2.0 + 0.08 * radius)
        used = np.where(residual <= limit, weights, 0.0)
    return x, y, radius, float(np.mean(residual <= 0.5 + 0.03 * radius))
