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

ROUNDS = 6  # most fits of a circle


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
    return sample(gray, *ray_points(x, y, radii, vectors))


@kernel
def ray_points(  # pragma: no cover  # compiled
    x: float, y: float, radii: Floats, vectors: Floats
) -> tuple[Floats, Floats]:
    """Return x and y of points along rays from a point, float32 (rays, radii) each."""
    xs = np.empty((vectors.shape[1], radii.size), np.float32)
    ys = np.empty_like(xs)
    left, top = np.float32(x), np.float32(y)
    for ray in range(len(xs)):
        for k in range(radii.size):
            xs[ray, k] = left + vectors[0, ray] * radii[k]
            ys[ray, k] = top + vectors[1, ray] * radii[k]
    return xs, ys


def fit_circle(xs: Floats, ys: Floats, weights: Floats) -> tuple[Circle, float]:
    """Fit a circle to points by least squares (Kåsa 1976), repeatedly without outliers.

    Args:
        xs: points, px; at least three.
        ys: the same points.
        weights: not negative.

    Returns:
        The circle, and the share of points within 0.5 px + 3 % of the radius from it.
    """
    points = np.array((xs, ys, weights), np.float64)
    x, y, radius, support = fitted(points[0], points[1], points[2])
    return Circle(x, y, radius), support


def warm_up() -> None:
    """Compile this module's kernels, or load them from the cache."""
    vectors = directions(3)
    xs, ys = ray_points(0.0, 0.0, np.ones(1, np.float32), vectors)
    fit_circle(xs[:, 0], ys[:, 0], np.ones(3, np.float32))


@kernel
def fitted(  # pragma: no cover  # compiled
    xs: Doubles, ys: Doubles, weights: Doubles
) -> tuple[float, float, float, float]:
    """As `fit_circle`: x, y and radius of the circle, and the share. Ends when a round leaves out what the last did."""
    used = weights.copy()
    x, y, radius, residual = 0.0, 0.0, 0.0, weights
    for _ in range(ROUNDS):
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
        middle = residual.size // 2
        limit = min(max(1.5, 2.5 * np.partition(residual, middle)[middle]), 2.0 + 0.08 * radius)
        before, used = used, np.where(residual <= limit, weights, 0.0)
        if np.array_equal(before, used):
            break
    return x, y, radius, float(np.mean(residual <= 0.5 + 0.03 * radius))
