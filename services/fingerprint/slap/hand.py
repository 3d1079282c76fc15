"""Chooses the likeliest way to see a slap: the direction of the hand, and its fingers."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageTooLarge
from infra.deadlines import current_deadline
from infra.images.decode import Image
from services.fingerprint.extraction.resolution import told_resolution
from services.fingerprint.slap.columns import Column, likeliness, partitions
from services.fingerprint.slap.cover import CELLS_PER_MM, WORK_DPI, Cover
from services.fingerprint.slap.fingertip import Fingertip, find_tip
from services.fingerprint.slap.frame import Upright, turned_upright
from services.fingerprint.slap.sides import MAX_DEGREES, directions

MAX_SIDE_MM = 140.0
"""More than the platen of any slap scanner."""
SHARE_MM = 4.0
"""What the share of a direction counts, in mm of likeliness per logarithm."""
LEAST_WIDTH = 0.85
"""Of the median width of the fingers; a narrower print shows but a part of its finger."""
ASKEW_DEGREES = 4.0
"""The mean lean of the fingers from which the direction is corrected."""

Finger = tuple[Column, Fingertip]


@dataclass(frozen=True, slots=True)
class Hand:
    """One way to see a slap.

    Args:
        upright: the cover of the upright hand.
        fingers: columns with a tip, from left to right.
        likeliness: columns.likeliness, and what the direction's share counts.
    """

    upright: Upright = field(repr=False)
    fingers: tuple[Finger, ...] = field(repr=False)
    likeliness: float

    @property
    def lean_degrees(self) -> float:
        """Mean lean of the fingers against the hand."""
        return float(np.mean([tip.lean_degrees for _, tip in self.fingers])) if self.fingers else 0.0


def at_work_resolution(image: Image) -> NDArray[np.uint8]:
    """The image at 250 dpi.

    Raises:
        ImageTooLarge: over 140 mm a side.
    """
    resolution, gray = told_resolution(image), image.gray
    width, height = gray.shape[1] / resolution.horizontal_dpi, gray.shape[0] / resolution.vertical_dpi
    if max(width, height) * 25.4 > MAX_SIDE_MM:
        raise ImageTooLarge(
            f"The image is {width * 25.4:.0f}×{height * 25.4:.0f} mm at {resolution.mean_dpi:.0f} dpi; a slap has at "
            f"most {MAX_SIDE_MM:.0f} mm a side. State the resolution, or cut a ten-print card into slaps.",
            width=str(gray.shape[1]),
            height=str(gray.shape[0]),
        )
    size = (max(1, round(width * WORK_DPI)), max(1, round(height * WORK_DPI)))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def likeliest_hand(covered: Cover, image_shape: tuple[int, ...]) -> Hand | None:
    """The likeliest of all ways; None if there is no finger.

    Where the fingers lean against the direction found, it is corrected by their mean lean, if that is no less likely.

    Args:
        covered: of the whole image.
        image_shape: height and width of the image, px.
    """
    found = directions(covered)
    ways = [way for degrees, share in found for way in _ways(covered, degrees, SHARE_MM * log(share), image_shape)]
    if not ways:
        return None
    bonus, upright, columns = max(ways, key=lambda way: way[0] + likeliness(way[2]))
    hand = _with_tips(upright, columns, bonus)
    degrees = hand.upright.degrees + hand.lean_degrees
    if abs(hand.lean_degrees) < ASKEW_DEGREES or abs(degrees) > MAX_DEGREES:
        return hand
    again = [way for way in _ways(covered, degrees, bonus, image_shape) if len(way[2]) == len(columns)]
    corrected = [_with_tips(upright, columns, bonus) for bonus, upright, columns in again]
    return max([hand, *corrected], key=lambda each: each.likeliness)


Way = tuple[float, Upright, list[Column]]


def _ways(covered: Cover, degrees: float, bonus: float, image_shape: tuple[int, ...]) -> list[Way]:
    """Ways to tell the fingers apart in one direction."""
    current_deadline.get().check()
    upright = turned_upright(covered, degrees, image_shape)
    return [(bonus, upright, columns) for columns in partitions(upright.cover)]


def _with_tips(upright: Upright, columns: list[Column], bonus: float) -> Hand:
    shape = upright.cover.shape
    least = LEAST_WIDTH * float(np.median([each.width_mm for each in columns])) * CELLS_PER_MM
    tips = [(each, find_tip(upright.cover, upright.inside, each.area(shape), least)) for each in columns]
    fingers = tuple((column, tip) for column, tip in tips if tip is not None)
    return Hand(upright, fingers, bonus + likeliness(columns))
