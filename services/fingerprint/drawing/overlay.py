"""Draws minutiae and the finger area on a fingerprint image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.images.decode import Image
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.placement import Placement, place_points, px_per_px
from services.fingerprint.template.features import CELL_PX

OUTLINE = (30, 110, 240)
DIRECTION_PX = 14  # at 500 dpi


def draw(image: Image, details: FingerprintDetails) -> NDArray[np.uint8]:
    """Draw minutiae and the outline of the finger area.

    An ending is a circle, a bifurcation a square, with a line in the minutia's direction; the colour runs from red
    (confidence 0.35) over yellow to green (1).

    Args:
        image: that was extracted from.
        details: of its extraction.

    Returns:
        uint8, shape (height, width, 3), RGB.
    """
    canvas = np.ascontiguousarray(image.rgb.copy())
    outlines = [_placed(each, details.placement) for each in finger_contours(details.features.mask, CELL_PX)]
    cv2.drawContours(canvas, outlines, -1, OUTLINE, 1)
    ratio = px_per_px(details.placement)
    size = max(1, round(4 * ratio))
    found = details.minutiae
    for x, y, angle, bifurcation, confidence in zip(
        found.x, found.y, found.angle, found.bifurcation, found.confidence, strict=True
    ):
        colour = _colour(float(confidence))
        centre = (round(float(x)), round(float(y)))
        length = DIRECTION_PX * ratio
        tip = (round(float(x + length * np.cos(angle))), round(float(y - length * np.sin(angle))))
        cv2.line(canvas, centre, tip, colour, 1, cv2.LINE_AA)
        if bifurcation:
            cv2.rectangle(canvas, (centre[0] - size, centre[1] - size), (centre[0] + size, centre[1] + size), colour)
        else:
            cv2.circle(canvas, centre, size, colour, 1, cv2.LINE_AA)
    return canvas


def finger_contours(mask: NDArray[np.bool_], cell_px: float) -> list[NDArray[np.int32]]:
    """Outlines of a finger area with rounded corners.

    Args:
        mask: bool, shape (rows, columns): cells that show the finger.
        cell_px: side of a cell in the drawing.

    Returns:
        int32, shape (points, 1, 2) each: x and y in px of the drawing.
    """
    framed = np.pad(mask.astype(np.float32), 1)
    size = (round(framed.shape[1] * cell_px), round(framed.shape[0] * cell_px))
    area = cv2.resize(framed, size, interpolation=cv2.INTER_LINEAR) >= 0.5
    contours, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return [np.asarray(contour, np.int32) - round(cell_px) for contour in contours]


def _placed(contour: NDArray[np.int32], placement: Placement) -> NDArray[np.int32]:
    return np.rint(place_points(contour[:, 0].astype(np.float64), placement)).astype(np.int32)[:, None]


def _colour(confidence: float) -> tuple[int, int, int]:
    part = min(1.0, max(0.0, (confidence - 0.35) / 0.65))
    return round(255 * min(1.0, 2 - 2 * part)), round(220 * min(1.0, 2 * part)), 0
