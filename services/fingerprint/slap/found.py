"""What is found in a slap, and what is cut out of one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Position
from formats.contents import Segment, Slap
from infra.images.decode import Image
from services.fingerprint.extraction.placement import Placement


@dataclass(frozen=True, slots=True)
class FoundFinger:
    """The tip of one finger in a slap.

    Args:
        segment: its position and box, px of the image.
        outline: float64, shape (n, 2): x and y, px of the image, of the area that is cut out.
        degrees: its rotation, clockwise as seen; 0 points up.
        confidence: 0–1, that this is the whole tip of one finger; not a probability (docs/decisions/0046).
    """

    segment: Segment
    outline: NDArray[np.float64] = field(repr=False)
    degrees: float
    confidence: float

    def at(self, position: Position) -> FoundFinger:
        """The finger with a position."""
        return replace(self, segment=replace(self.segment, position=position))


@dataclass(frozen=True, slots=True)
class Segmentation:
    """The fingers of a slap.

    Args:
        slap: which fingers they are; never UNKNOWN_FOUR.
        fingers: from left to right as the image shows the upright hand.
        degrees: rotation of the hand, clockwise as seen.
        confidence: 0–1: that all are right; the least of the fingers', times that of the hand.
    """

    slap: Slap
    fingers: tuple[FoundFinger, ...]
    degrees: float
    confidence: float

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Position and box of each finger."""
        return tuple(each.segment for each in self.fingers)


@dataclass(frozen=True, slots=True)
class Cut:
    """The image of one finger, cut out of a slap.

    Args:
        position: the finger.
        image: as an extractor takes it, at the resolution of the slap.
        placed: maps px of `image` to px of the slap.
    """

    position: Position
    image: Image
    placed: Placement = field(repr=False)
