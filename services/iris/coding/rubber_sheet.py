"""Unrolls the iris ring to a rectangle, the rubber sheet (Daugman 1993)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.iris.segmentation.circles import Circle, Floats, directions, sample

ROWS, COLUMNS = 64, 512
INNER, OUTER = 0.03, 0.95  # used part of the way from the pupil's edge to the limbus
_VECTORS = directions(COLUMNS)


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
    share = (INNER + (OUTER - INNER) * (np.arange(ROWS, dtype=np.float32) + 0.5) / ROWS)[:, None]
    xs, ys = (
        np.asarray((1 - share) * (p + pupil.radius * v) + share * (q + limbus.radius * v), np.float32)
        for p, q, v in ((pupil.x, limbus.x, _VECTORS[0]), (pupil.y, limbus.y, _VECTORS[1]))
    )
    return xs, ys


def unroll(gray: NDArray[np.uint8], pupil: Circle, limbus: Circle) -> RubberSheet:
    """Sample the ring between pupil and limbus, evenly along the radius and the angle."""
    xs, ys = sheet_points(pupil, limbus)
    height, width = gray.shape
    inside = (xs >= 0) & (xs <= width - 1) & (ys >= 0) & (ys <= height - 1)
    return RubberSheet(sample(gray, xs, ys), xs, ys, inside)
