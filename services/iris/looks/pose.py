"""Determines which way up an eye is, from lids, lashes and the network, which was trained on upright eyes only."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from services.iris.localisation.gaze import View
from services.iris.quality.measures import IRIS_PROBABILITY, lashes
from services.iris.segmentation.circles import Circle, Floats, Gray
from services.iris.segmentation.network import MIN_OPENING, Segmentation, Segmenter

CLEAR_LASHES = 0.5  # natural log of lashes above over below the iris, from which upside down is not tried
SIDEWAYS_TILT, SIDEWAYS_UNCERTAINTY = 40.0, 0.45  # limits above which a wide image is tried sideways
MIN_IRIS_PX = 300.0  # least area of an iris in the network's input for any evidence
MIN_EVIDENCE = 1.5  # least evidence for another orientation to rotate the image
MIN_TOTAL = -1.5  # least total to rotate an eye from its side; upright eyes of three cameras have more
MAX_AGAINST = 0.2  # most evidence of lids and network against a rotation
MAX_LASHES, MAX_UNCERTAINTY, MAX_SHIFT = 3.0, 1.5, 0.5  # values are clipped here
UNCERTAINTY_WEIGHT, SHIFT_WEIGHT = 4.0, 2.0
NOTHING = -9.0

Size = tuple[int, ...]


class Pose(NamedTuple):
    """An image in the orientation in which to read it.

    Args:
        gray: uint8, the rotated image.
        found: the network's segmentation of it.
        quarters: quarter turns applied, counter-clockwise, 0–3.
        upright: evidence that the eye is upright in it rather than another way up; that of its lashes if no other
            orientation was tried. Under about −0.3 it is probably not upright.
    """

    gray: Gray
    found: Segmentation
    quarters: int
    upright: float


class _Look(NamedTuple):
    """One orientation: the evidence of lashes for it, and that of lids and network."""

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
    """Rotates an eye upright if the image shows its orientation.

    1. An image that is higher than wide, or in which the eye lies on its side or the network is uncertain, is also
       tried with a quarter turn both ways; the better one is taken if it is better by 1.5.
    2. Unless there are clearly more lashes above the iris than below, and always after a quarter turn, upside down is
       tried too. The image is rotated if that is better by 1.5 and lids and network do not contradict.

    Evidence for an orientation: natural logarithm of lashes above over below; minus the network's uncertainty in the
    iris; plus how far the centre of the opening lies below that of the iris, whose top the upper lid covers. Limits
    were chosen on every second image of three cameras (docs/decisions/0020).

    Args:
        segmenter: with the model `iris-segmentation`.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def find(self, gray: Gray) -> Pose:
        """Find the orientation of an eye; an image without a visible eye is not rotated."""
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
        """Try the image with a quarter turn both ways, if the eye may lie on its side."""
        height, width = gray.shape
        unclear = here.found.iris_uncertainty > SIDEWAYS_UNCERTAINTY or here.total <= NOTHING
        if height <= width and not unclear and abs(here.found.tilt) <= SIDEWAYS_TILT:
            return []
        return [self._look(gray, quarters) for quarters in (1, 3)]

    def _look(self, gray: Gray, quarters: int) -> _Look:
        turned = np.ascontiguousarray(np.rot90(gray, quarters)) if quarters else gray
        (found,) = self._segmenter.segment([turned])
        if float(found.iris.sum()) < MIN_IRIS_PX:
            return _Look(turned, found, quarters, 0.0, NOTHING)
        unclear = UNCERTAINTY_WEIGHT * min(found.iris_uncertainty, MAX_UNCERTAINTY)
        lower = SHIFT_WEIGHT * min(max(lids_shift(found), -MAX_SHIFT), MAX_SHIFT)
        return _Look(turned, found, quarters, min(max(lashes(found), -MAX_LASHES), MAX_LASHES), lower - unclear)


def _total(look: _Look) -> float:
    return look.total


def lids_shift(found: Segmentation) -> float:
    """Distance of the opening's centre below the iris's, in iris radii; 0 if one of them is missing."""
    iris, opening = (
        cv2.moments((mask > above).astype(np.uint8))
        for mask, above in ((found.iris, IRIS_PROBABILITY), (found.opening, MIN_OPENING))
    )
    if not iris["m00"] or not opening["m00"]:
        return 0.0
    return float((opening["m01"] / opening["m00"] - iris["m01"] / iris["m00"]) / np.sqrt(iris["m00"] / np.pi))


def points_turned_back(points: Floats, quarters: int, size: Size) -> Floats:
    """Convert points of a rotated image into coordinates of the image before rotation.

    Args:
        points: float32 (n, 2), x and y, px.
        quarters: quarter turns applied, counter-clockwise.
        size: height and width of the rotated image.
    """
    height, width = size
    for _ in range(quarters):
        points = np.stack([height - 1 - points[:, 1], points[:, 0]], axis=1)
        height, width = width, height
    return np.asarray(points, np.float32)


def circle_turned_back(circle: Circle, quarters: int, size: Size) -> Circle:
    """Convert a circle as `points_turned_back` converts points."""
    if not quarters:
        return circle
    ((x, y),) = points_turned_back(np.array([[circle.x, circle.y]], np.float32), quarters, size)
    return Circle(float(x), float(y), circle.radius)


def view_turned_back(view: View, quarters: int, size: Size) -> View:
    """Convert a view as `points_turned_back` converts points."""
    middle = circle_turned_back(Circle(view.x, view.y, 0.0), quarters, size)
    return view if view.frontal else View(middle.x, middle.y, (view.angle + 90 * quarters) % 180, view.roundness)
