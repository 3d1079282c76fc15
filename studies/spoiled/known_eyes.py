"""An eye whose circles are known, and a changed image of it in which they still are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.iris.segmentation.circles import Circle

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """An image of an eye whose circles are known.

    Args:
        gray: uint8 (height, width).
        pupil: px.
        limbus: px.
        opening: bool (height, width), the pixels between the lids.
    """

    gray: Gray = field(repr=False)
    pupil: Circle
    limbus: Circle
    opening: Mask = field(repr=False)

    def away(self, circle: Circle) -> Floats:
        """Distance of every pixel from a circle's centre, in its radii."""
        ys, xs = np.mgrid[: self.gray.shape[0], : self.gray.shape[1]].astype(np.float32)
        return np.asarray(np.hypot(xs - circle.x, ys - circle.y) / circle.radius, np.float32)

    def median(self, where: Mask) -> float:
        """Median grey level of some pixels; 128 without any."""
        return float(np.median(self.gray[where])) if where.any() else 128.0


@dataclass(frozen=True)
class Changed:
    """A changed image, and where a point (x, y) of the original is in it: (x + dx) · scale, (y + dy) · scale."""

    gray: Gray = field(repr=False)
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0

    def moved(self, circle: Circle) -> Circle:
        """The circle in the changed image."""
        return Circle((circle.x + self.dx) * self.scale, (circle.y + self.dy) * self.scale, circle.radius * self.scale)
