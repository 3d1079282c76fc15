"""Draws pupil, limbus, lids and hidden areas on an image of an eye."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.images.decode import Image
from services.iris.coding.rubber_sheet import sheet_points
from services.iris.details import IrisDetails
from services.iris.localisation.gaze import View
from services.iris.segmentation.circles import Circle, Floats, directions

Rgb = NDArray[np.uint8]

PUPIL_RGB, LIMBUS_RGB, LID_RGB, HIDDEN_RGB = (60, 220, 90), (255, 80, 60), (60, 170, 255), (255, 60, 60)
_FRACTION_BITS = 4  # of OpenCV's fixed-point drawing coordinates
_POINTS = 256  # per drawn circle


def draw(image: Image, details: IrisDetails) -> Rgb:
    """Draw pupil, limbus and lids as lines, and tint hidden areas.

    Returns:
        uint8 (height, width, 3), a new RGB image of the same size.
    """
    canvas = image.rgb.copy()
    _tint_hidden(canvas, details)
    thickness = max(1, round(max(canvas.shape) / 400))
    lines = (
        (_outline(details.pupil, details.view), PUPIL_RGB),
        (_outline(details.limbus, details.view), LIMBUS_RGB),
        (details.opening, LID_RGB),
    )
    for points, color in lines:
        fixed = np.asarray(np.rint(points * (1 << _FRACTION_BITS)), np.int32)
        cv2.polylines(canvas, [fixed], True, color, thickness, cv2.LINE_AA, _FRACTION_BITS)
    return canvas


def _outline(circle: Circle, view: View) -> Floats:
    xs, ys = directions(_POINTS) * np.float32(circle.radius)
    return np.stack(view.to_image(xs + circle.x, ys + circle.y), axis=1)


def _tint_hidden(canvas: Rgb, details: IrisDetails) -> None:
    height, width = canvas.shape[:2]
    points = details.view.to_image(*sheet_points(details.pupil, details.limbus))
    xs, ys = (np.rint(each).astype(int) for each in points)
    drawn = ~details.visible & (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
    hidden = np.zeros((height, width), np.uint8)
    hidden[ys[drawn], xs[drawn]] = 1
    gap = 2 * round(details.limbus.radius / 80) + 1  # between neighbouring samples of the sheet, px
    tinted = cv2.morphologyEx(hidden, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8)).astype(bool)
    canvas[tinted] = (0.6 * canvas[tinted] + 0.4 * np.array(HIDDEN_RGB)).astype(np.uint8)
