"""Corrects for gaze: stretches the image of an eye that looks aside so that its ellipses become circles again."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.segmentation.circles import Circle, Floats, Gray
from services.iris.segmentation.mask_circles import MaskCircles
from services.iris.segmentation.network import NO_DATA

ASIDE_BELOW = 0.94  # roundness of the pupil at 20° aside; CASIA-Iris-Interval: at least 0.90 in 95 % of the images
MIN_ROUNDNESS = 0.5  # 60° aside
REQUIRED_STRENGTH = (0.85, 0.92), (0.8, 1.05)  # roundness of the pupil, and required relative strength of the limbus


@dataclass(frozen=True, slots=True)
class View:
    """The viewing direction of an eye. A circle of the eye is seen as an ellipse, shorter along one direction.

    Args:
        x: of the fixed point of the stretching, px.
        y: the same.
        angle: of the shorter axis, degrees clockwise on the screen from +x.
        roundness: shorter over longer axis, 0–1; 1 from the front.
    """

    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0
    roundness: float = 1.0

    @property
    def frontal(self) -> bool:
        """Whether the eye is seen from the front, so that nothing is stretched."""
        return self.roundness == 1.0

    @property
    def required_strength(self) -> float:
        """Limbus strength required in the straightened image, relative to that in the original.

        The flatter the pupil, the less is required: if an iris is narrowed horizontally and lids hide its top and
        bottom, the remaining arcs fit a circle about as well.
        """
        return float(np.interp(self.roundness, *REQUIRED_STRENGTH))

    def straightened(self, gray: Gray) -> Gray:
        """Return the eye as seen from the front, in an image of the same size."""
        height, width = gray.shape
        forth = self._matrix(1 / self.roundness).astype(np.float32)
        return np.asarray(cv2.warpAffine(gray, forth, (width, height), flags=cv2.INTER_CUBIC, borderValue=NO_DATA))

    def to_image(self, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
        """Convert coordinates in the straightened image into those in the original."""
        if self.frontal:
            return xs, ys
        back = self._matrix(self.roundness).astype(np.float32)
        return back[0, 0] * xs + back[0, 1] * ys + back[0, 2], back[1, 0] * xs + back[1, 1] * ys + back[1, 2]

    def scaled(self, factor: float) -> View:
        """Return the view of the same eye in an image resized by `factor`."""
        point = Circle(self.x, self.y, 0.0).scaled(factor)
        return View(point.x, point.y, self.angle, self.roundness)

    def _matrix(self, stretch: float) -> NDArray[np.float64]:
        x, y = cos(radians(self.angle)), sin(radians(self.angle))
        more = stretch - 1
        (a, b), (c, d) = (1 + more * (x * x), more * (x * y)), (more * (x * y), 1 + more * (y * y))
        return np.array([[a, b, self.x - (a * self.x + b * self.y)], [c, d, self.y - (c * self.x + d * self.y)]])


FRONT = View()


def seen_from(circles: MaskCircles) -> View:
    """Estimate the viewing direction of an eye from the shape of its pupil, which lids seldom hide.

    A disc tilted by an angle a to the camera is an ellipse of roundness cos a. Some pupils are flat by themselves: only
    the straightened image shows whether the iris is flat too.
    """
    iris, pupil = circles.iris, circles.pupil
    if not MIN_ROUNDNESS <= pupil.roundness < ASIDE_BELOW:
        return FRONT
    return View(iris.circle.x, iris.circle.y, pupil.angle, pupil.roundness)
