"""An eye that looks aside: its circles are ellipses, and are made circles again by stretching the image."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.segmentation.circles import Circle, Floats, Gray
from services.iris.segmentation.mask_circles import MaskCircles
from services.iris.segmentation.network import NO_DATA

ASIDE_BELOW = 0.94  # roundness of the pupil, at 20° aside; CASIA-Iris-Interval: 0.90 and more in 95 % of the images
MIN_ROUNDNESS = 0.5  # 60° aside
ASKED = (0.85, 0.92), (0.8, 1.05)  # roundness of the pupil, and how clear the limbus has to be


@dataclass(frozen=True, slots=True)
class View:
    """From where an eye is seen. A circle of the eye is an ellipse, shorter along one direction.

    Args:
        x: of the point that stays where it is when the image is stretched, px.
        y: the same.
        angle: the direction, degrees clockwise on the screen from +x.
        roundness: shorter over longer axis, 0–1; 1 from the front.
    """

    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0
    roundness: float = 1.0

    @property
    def frontal(self) -> bool:
        """Nothing needs to be stretched."""
        return self.roundness == 1.0

    @property
    def asked(self) -> float:
        """How clear the limbus has to be in the straightened image, as a share of how clear it is as it is.

        The flatter the pupil, the less: of an iris narrowed across, whose lids hide top and bottom, the arcs that
        are left lie about as well on a circle.
        """
        return float(np.interp(self.roundness, *ASKED))

    def straightened(self, gray: Gray) -> Gray:
        """Return the eye as from the front, in an image of the same size."""
        height, width = gray.shape
        forth = self._matrix(1 / self.roundness).astype(np.float32)
        return np.asarray(cv2.warpAffine(gray, forth, (width, height), flags=cv2.INTER_CUBIC, borderValue=NO_DATA))

    def to_image(self, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
        """Turn coordinates in the straightened image into those in the image."""
        back = self._matrix(self.roundness).astype(np.float32)
        return back[0, 0] * xs + back[0, 1] * ys + back[0, 2], back[1, 0] * xs + back[1, 1] * ys + back[1, 2]

    def scaled(self, factor: float) -> View:
        """Return the view of the same eye in an image resized by `factor`."""
        point = Circle(self.x, self.y, 0.0).scaled(factor)
        return View(point.x, point.y, self.angle, self.roundness)

    def _matrix(self, stretch: float) -> NDArray[np.float64]:
        along = np.array([np.cos(np.radians(self.angle)), np.sin(np.radians(self.angle))])
        linear = np.eye(2) + (stretch - 1) * np.outer(along, along)
        fixed = np.array([self.x, self.y])
        return np.hstack([linear, (fixed - linear @ fixed)[:, None]])


FRONT = View()


def seen_from(discs: MaskCircles) -> View:
    """Suppose from where an eye is seen, by the shape of its pupil, which lids seldom hide.

    A disc at an angle of a to the camera is an ellipse of roundness cos a. Pupils may be flat by themselves: whether
    the iris is so too shows when the image is straightened.
    """
    iris, pupil = discs.iris, discs.pupil
    if not MIN_ROUNDNESS <= pupil.roundness < ASIDE_BELOW:
        return FRONT
    return View(iris.circle.x, iris.circle.y, pupil.angle, pupil.roundness)
