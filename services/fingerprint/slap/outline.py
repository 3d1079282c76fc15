"""Takes a fingertip of the upright hand back to the image of the slap."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.template import Position
from formats.contents import Segment
from services.fingerprint.slap.columns import Column
from services.fingerprint.slap.cover import CELLS_PER_MM
from services.fingerprint.slap.fingertip import Fingertip
from services.fingerprint.slap.found import FoundFinger
from services.fingerprint.slap.frame import Upright, mapped

MARGIN_MM = 1.0
"""Around a tip, as far as its column reaches."""
USUAL_COVER = 0.75
FREE_SHARE = 0.8
"""Of a finger's length that does not touch a neighbour, from which on it is surely separated."""
CUT_OFF_CONFIDENCE = 0.6


def found_finger(upright: Upright, column: Column, tip: Fingertip, image_shape: tuple[int, ...]) -> FoundFinger:
    """The finger in px of the image, of unknown position.

    Args:
        upright: the hand in which it was found.
        column: of the finger.
        tip: of the finger.
        image_shape: height and width of the image, px.
    """
    outline = mapped(_outline(column, tip, upright.cover.shape), upright.to_image)
    lower = np.maximum(np.ceil(outline.min(axis=0)), 0).astype(int)
    upper = np.minimum(np.floor(outline.max(axis=0)), (image_shape[1] - 1, image_shape[0] - 1)).astype(int)
    segment = Segment(Position.UNKNOWN, int(lower[0]), int(lower[1]), int(upper[0]), int(upper[1]))
    return FoundFinger(segment, outline, upright.degrees + tip.lean_degrees, confidence(column, tip))


def confidence(column: Column, tip: Fingertip) -> float:
    """How surely this is one whole tip, 0–1.

    The product of how freely it stands, how clearly it shows ridges, and whether all of it is in the image.
    """
    free = column.margin_mm / max(column.length_mm, 1.0) / FREE_SHARE
    clear = tip.cover / USUAL_COVER
    whole = CUT_OFF_CONFIDENCE if tip.is_cut_off else 1.0
    return float(np.clip(free, 0, 1) * np.clip(clear, 0, 1) * whole)


def _outline(column: Column, tip: Fingertip, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Cells of the tip's convex hull and margin, within its column and above its crease: their contour."""
    cells = round(MARGIN_MM * CELLS_PER_MM)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * cells + 1, 2 * cells + 1))
    hull = cv2.convexHull(cv2.findNonZero(tip.area.astype(np.uint8)))
    whole = cv2.fillConvexPoly(np.zeros(shape, np.uint8), hull, 1)
    grown = (cv2.dilate(whole, kernel) > 0) & column.area(shape)
    grown[tip.last :] = False
    contours, _ = cv2.findContours(grown.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=cv2.contourArea)[:, 0], np.float64)
