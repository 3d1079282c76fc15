"""Draws what the extractor found over the image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.image import Image
from services.iris.circles import Circle
from services.iris.extractor import IrisDetails
from services.iris.rubber_sheet import sheet_points

Rgb = NDArray[np.uint8]

PUPIL_RGB, LIMBUS_RGB, LID_RGB, HIDDEN_RGB = (60, 220, 90), (255, 80, 60), (60, 170, 255), (255, 60, 60)
_FRACTION_BITS = 4  # of OpenCV's fixed-point drawing coordinates


def draw(image: Image, details: IrisDetails) -> Rgb:
    """Draw pupil, limbus and lids as lines, and tint what is hidden.

    Returns:
        uint8 (height, width, 3), a new RGB image of the same size.
    """
    canvas = image.rgb.copy()
    _tint_hidden(canvas, details)
    thickness = max(1, round(max(canvas.shape) / 400))
    _circle(canvas, details.pupil, PUPIL_RGB, thickness)
    _circle(canvas, details.limbus, LIMBUS_RGB, thickness)
    offset = np.linspace(-details.limbus.radius, details.limbus.radius, 64, dtype=np.float32)
    for lid in (details.upper_lid, details.lower_lid):
        if lid is not None:
            xs = details.limbus.x + offset
            points = np.stack([xs, np.clip(lid.at(xs), -1e4, 1e4)], axis=1)
            cv2.polylines(canvas, [_fixed(points)], False, LID_RGB, thickness, cv2.LINE_AA, _FRACTION_BITS)
    return canvas


def _circle(canvas: Rgb, circle: Circle, color: tuple[int, int, int], thickness: int) -> None:
    x, y, radius = (int(v) for v in _fixed(np.array([circle.x, circle.y, circle.radius])))
    cv2.circle(canvas, (x, y), radius, color, thickness, cv2.LINE_AA, _FRACTION_BITS)


def _fixed(values: NDArray[np.floating]) -> NDArray[np.int32]:
    return np.asarray(np.rint(values * (1 << _FRACTION_BITS)), np.int32)


def _tint_hidden(canvas: Rgb, details: IrisDetails) -> None:
    height, width = canvas.shape[:2]
    xs, ys = (np.rint(points).astype(int) for points in sheet_points(details.pupil, details.limbus))
    drawn = ~details.visible & (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
    hidden = np.zeros((height, width), np.uint8)
    hidden[ys[drawn], xs[drawn]] = 1
    gap = 2 * round(details.limbus.radius / 80) + 1  # between neighbouring samples of the sheet, px
    tinted = cv2.morphologyEx(hidden, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8)).astype(bool)
    canvas[tinted] = (0.6 * canvas[tinted] + 0.4 * np.array(HIDDEN_RGB)).astype(np.uint8)
