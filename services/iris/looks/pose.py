"""Which way up an eye is: lids and lashes tell, and the network, which was shown upright eyes only."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from services.iris.localisation.gaze import View
from services.iris.quality.measures import IRIS_PROBABILITY, lashes, tilt, uncertainty
from services.iris.segmentation.circles import Circle, Floats, Gray
from services.iris.segmentation.network import MIN_OPENING, Segmentation, Segmenter

CLEAR_LASHES = 0.5  # above the iris over below, natural logarithm: from here on, upside down is not looked at
SIDEWAYS_TILT, SIDEWAYS_UNCERTAINTY = 40.0, 0.45  # degrees; from here on, a wide image is looked at sideways too
MIN_IRIS_PX = 300.0  # of the network's input, of an eye that tells anything
MIN_EVIDENCE = 1.5  # that the eye is the other way up, to turn it
MIN_TOTAL = -1.5  # evidence for an eye at all, to be turned from its side; upright eyes of three cameras have more
MAX_AGAINST = 0.2  # what lids and network may say against what lashes say
MAX_LASHES, MAX_UNCERTAINTY, MAX_SHIFT = 3.0, 1.5, 0.5  # that count
UNCERTAINTY_WEIGHT, SHIFT_WEIGHT = 4.0, 2.0
NOTHING = -9.0

Size = tuple[int, ...]


class Pose(NamedTuple):
    """An image as it is to be read.

    Args:
        gray: uint8, the image, turned.
        found: what the network says of it.
        quarters: by how many quarters it was turned counter-clockwise, 0–3.
        upright: evidence that the eye stands upright in it rather than another way up; where it was looked at that way
            only, that of its lashes. Under about −0.3 it is likely not to be.
    """

    gray: Gray
    found: Segmentation
    quarters: int
    upright: float


class _Look(NamedTuple):
    """One way up: what lashes say for it, and what lids and network do."""

    gray: Gray
    found: Segmentation
    quarters: int
    lashes: float
    others: float

    @property
    def total(self) -> float:
        return self.lashes + self.others

    def pose(self, upright: float) -> Pose:
        return Pose(self.gray, self.found, self.quarters, float(upright))


class PoseFinder:
    """Turns an eye upright where the image tells which way up it is.

    1. An image that is higher than wide, in which the eye lies on its side, or of which the network knows little, is
       looked at turned by a quarter both ways; the better of them is taken where it is better by 1.5.
    2. Where there are not clearly more lashes above the iris than below, and always of a quarter's turn, it is looked
       at upside down too. It is turned where that is better by 1.5 and lids and network do not speak against it.

    Evidence for a way up: natural logarithm of lashes above over below; less the network's uncertainty in the iris;
    and how far the middle of the opening lies below that of the iris, whose top the upper lid covers. Chosen on every
    second image of three cameras (docs/decisions/0020).

    Args:
        segmenter: with the model `iris-segmentation`.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def find(self, gray: Gray) -> Pose:
        """Find the way up of an eye; an image in which none is to be seen is left as it is."""
        here = self._look(gray, 0)
        sides = self._sides(gray, here)
        side = max(sides, key=_total, default=None)
        if side is not None and side.total > max(MIN_TOTAL, here.total + MIN_EVIDENCE):
            return side.pose(min(side.total - min(each.total for each in sides), side.total - here.total))
        level = np.inf if side is None else here.total - side.total
        if here.lashes >= CLEAR_LASHES or here.total <= NOTHING:
            return here.pose(min(here.lashes, level))
        over = self._look(gray, 2)
        evidence = over.total - here.total
        if evidence > MIN_EVIDENCE and over.others - here.others > -MAX_AGAINST:
            return over.pose(evidence)
        return here.pose(min(-evidence, level))

    def _sides(self, gray: Gray, here: _Look) -> list[_Look]:
        """Look at the image turned by a quarter, both ways, where the eye may lie on its side."""
        height, width = gray.shape
        unclear = uncertainty(here.found.iris) > SIDEWAYS_UNCERTAINTY or here.total <= NOTHING
        if height <= width and not unclear and abs(tilt(here.found.outline)) <= SIDEWAYS_TILT:
            return []
        return [self._look(gray, quarters) for quarters in (1, 3)]

    def _look(self, gray: Gray, quarters: int) -> _Look:
        turned = np.ascontiguousarray(np.rot90(gray, quarters)) if quarters else gray
        (found,) = self._segmenter.segment([turned])
        if float(found.iris.sum()) < MIN_IRIS_PX:
            return _Look(turned, found, quarters, 0.0, NOTHING)
        unclear = UNCERTAINTY_WEIGHT * min(uncertainty(found.iris), MAX_UNCERTAINTY)
        lower = SHIFT_WEIGHT * float(np.clip(lids_shift(found), -MAX_SHIFT, MAX_SHIFT))
        return _Look(turned, found, quarters, float(np.clip(lashes(found), -MAX_LASHES, MAX_LASHES)), lower - unclear)


def _total(look: _Look) -> float:
    return look.total


def lids_shift(found: Segmentation) -> float:
    """How far the middle of the opening lies below that of the iris, iris radii; 0 where one of them is missing."""
    iris, opening = (
        cv2.moments((mask > above).astype(np.uint8))
        for mask, above in ((found.iris, IRIS_PROBABILITY), (found.opening, MIN_OPENING))
    )
    if not iris["m00"] or not opening["m00"]:
        return 0.0
    return float((opening["m01"] / opening["m00"] - iris["m01"] / iris["m00"]) / np.sqrt(iris["m00"] / np.pi))


def points_turned_back(points: Floats, quarters: int, size: Size) -> Floats:
    """Turn points of a turned image into those of the image before.

    Args:
        points: float32 (n, 2), x and y, px.
        quarters: by which it was turned counter-clockwise.
        size: height and width of the turned image.
    """
    height, width = size
    for _ in range(quarters):
        points = np.stack([height - 1 - points[:, 1], points[:, 0]], axis=1)
        height, width = width, height
    return np.asarray(points, np.float32)


def circle_turned_back(circle: Circle, quarters: int, size: Size) -> Circle:
    """The same of a circle."""
    if not quarters:
        return circle
    ((x, y),) = points_turned_back(np.array([[circle.x, circle.y]], np.float32), quarters, size)
    return Circle(float(x), float(y), circle.radius)


def view_turned_back(view: View, quarters: int, size: Size) -> View:
    """The same of a view."""
    middle = circle_turned_back(Circle(view.x, view.y, 0.0), quarters, size)
    return view if view.frontal else View(middle.x, middle.y, (view.angle + 90 * quarters) % 180, view.roundness)
