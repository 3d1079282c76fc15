"""Circles in images: preparing the image, sampling around circles and fitting them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Gray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle in pixels; x to the right, y downwards, the centre of the first pixel is (0, 0).

    Args:
        x: centre, px.
        y: centre, px.
        radius: px.
    """

    x: float
    y: float
    radius: float

    def scaled(self, factor: float) -> Circle:
        """Return the circle in an image resized by `factor`, pixel areas kept (as `cv2.resize` does)."""
        return Circle(
            (self.x + 0.5) * factor - 0.5,
            (self.y + 0.5) * factor - 0.5,
            self.radius * factor,
        )


def fill_glints(gray: Gray) -> Gray:
    """Replace bright spots narrower than 11 px by their surroundings."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
    opened = cv2.morphologyEx(gray, cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.medianBlur(opened, 5))


def directions(count: int) -> Floats:
    """Return unit vectors, float32 (2, count): x and y of evenly spaced angles, clockwise on the screen from +x."""
    angles = np.arange(count, dtype=np.float32) * np.float32(2 * np.pi / count)
    return np.stack([np.cos(angles), np.sin(angles)])


def sample(gray: Gray, xs: Floats, ys: Floats) -> Floats:
    """Sample an image at points, bilinear, edge pixels repeated outside. Returns float32 of the points' shape."""
    values: Floats = cv2.remap(
        gray, xs.astype(np.float32), ys.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    return values


def rays(gray: Gray, x: float, y: float, radii: Floats, vectors: Floats) -> Floats:
    """Sample along rays from a point. Returns float32 (rays, radii)."""
    return sample(gray, x + vectors[0][:, None] * radii, y + vectors[1][:, None] * radii)


def fit_circle(xs: Floats, ys: Floats, weights: Floats, rounds: int = 6) -> tuple[Circle, float]:
    """Fit a circle to points by least squares (Kåsa 1976), outliers dropped and the fit repeated.

    Args:
        xs: points, px; at least three.
        ys: the same points.
        weights: not negative.
        rounds: how often it is repeated.

    Returns:
        The circle, and the share of the points within 0.5 px + 3 % of the radius of it.
    """
    x0, y0 = float(xs.mean()), float(ys.mean())
    points = np.stack([xs - x0, ys - y0, np.ones_like(xs)]).astype(np.float64)
    squares = points[0] ** 2 + points[1] ** 2
    used = weights.astype(np.float64)
    for _ in range(rounds):
        normal = (points * used) @ points.T + 1e-9 * np.eye(3)
        a, b, c = np.linalg.solve(normal, (points * used) @ squares)
        radius = float(np.sqrt(max(c + (a * a + b * b) / 4, 1e-6)))
        residual = np.abs(np.hypot(points[0] - a / 2, points[1] - b / 2) - radius)
        middle = float(np.sort(residual)[residual.size // 2])
        used = weights * (residual <= min(max(1.5, 2.5 * middle), 2.0 + 0.08 * radius))
    return Circle(x0 + float(a) / 2, y0 + float(b) / 2, radius), float(np.mean(residual <= 0.5 + 0.03 * radius))
