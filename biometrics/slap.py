"""Slaps: images of several fingers, and where each finger is in one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from biometrics.template import Position


class Slap(StrEnum):
    """Several fingers in one image."""

    RIGHT_FOUR = "RIGHT_FOUR"
    LEFT_FOUR = "LEFT_FOUR"
    TWO_THUMBS = "TWO_THUMBS"
    UNKNOWN_FOUR = "UNKNOWN_FOUR"


LEFT_TO_RIGHT = {
    Slap.RIGHT_FOUR: (Position.RIGHT_INDEX, Position.RIGHT_MIDDLE, Position.RIGHT_RING, Position.RIGHT_LITTLE),
    Slap.LEFT_FOUR: (Position.LEFT_LITTLE, Position.LEFT_RING, Position.LEFT_MIDDLE, Position.LEFT_INDEX),
    Slap.TWO_THUMBS: (Position.LEFT_THUMB, Position.RIGHT_THUMB),
}
"""Fingers of a slap as the image shows them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One finger in the image of a slap; all four bounds are inside it.

    Args:
        position: the finger.
        left: first column, px from the left of the image as it is stored.
        top: first row, px from the top.
        right: last column.
        bottom: last row.
    """

    position: Position
    left: int
    top: int
    right: int
    bottom: int
