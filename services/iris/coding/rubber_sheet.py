"""Unrolls the iris ring to a rectangle, the rubber sheet (Daugman 1993)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel
from services.iris.segmentation.circles import Circle, Floats, directions, sample

ROWS, COLUMNS = 64, 512
INNER, OUTER = 0.03, 0.95  # used part of the way from the pupil's edge to the limbus
_VECTORS = directions(COLUMNS)
_SHARES = INNER + (OUTER - INNER) * (np.arange(ROWS, dtype=np.float32) + 0.5) / ROWS


@dataclass(frozen=True, slots=True)
class RubberSheet:
    """The unrolled iris.

    Args:
        values: float32 (64, 512), grey levels; row 0 at the pupil, column 0 at the image's right,
            columns clockwise on the screen.
        xs: float32 (64, 512), x of each sample in the image, px.
        ys: the same for y.
        inside: bool (64, 512), which samples lie inside the image.
    """

    values: Floats
    xs: Floats
    ys: Floats
    inside: NDArray[np.bool_]


def sheet_points(pupil: Circle, limbus: Circle) -> tuple[Floats, Floats]:
    """Return x and y of the sheet's samples, px, float32 (64, 512) each; the circles need not be concentric."""
    xs, ys = _between((pupil.x, pupil.y, pupil.radius), (limbus.x, limbus.y, limbus.radius))
    return xs, ys


def warm_up() -> None:
    """Compile this module's kernel, or load it from the cache."""
    _between((0.0, 0.0, 1.0), (0.0, 0.0, 2.0))


@kernel
def _between(  # pragma: no cover  # compiled
    pupil: tuple[float, float, float], limbus: tuple[float, float, float]
) -> Floats:
    """As `sheet_points`, float32 (2, 64, 512), between two circles given by centre and radius."""
    points = np.empty((2, ROWS, COLUMNS), np.float32)
    for axis in range(2):
        inner = np.float32(pupil[axis]) + np.float32(pupil[2]) * _VECTORS[axis]
        outer = np.float32(limbus[axis]) + np.float32(limbus[2]) * _VECTORS[axis]
        for row in range(ROWS):
            points[axis, row] = (np.float32(1) - _SHARES[row]) * inner + _SHARES[row] * outer
    return points


def unroll(gray: NDArray[np.uint8], pupil: Circle, limbus: Circle) -> RubberSheet:
    """Sample the ring between pupil and limbus, evenly along the radius and the angle."""
    xs, ys = sheet_points(pupil, limbus)
    height, width = gray.shape
    inside = (xs >= 0) & (xs <= width - 1) & (ys >= 0) & (ys <= height - 1)
    return RubberSheet(sample(gray, xs, ys), xs, ys, inside)
