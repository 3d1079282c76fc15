"""Draws boxes, landmarks and pose of detected faces on their image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from infra.images.decode import Image
from services.face.template.faces import Face, FaceDetails

CHOSEN = (0, 230, 80)
OTHER = (150, 150, 150)


def draw(image: Image, details: FaceDetails) -> NDArray[np.uint8]:
    """Draw every face's box and landmarks; the chosen one in green, with its pose.

    Args:
        image: that was extracted from.
        details: of the extraction.

    Returns:
        RGB, uint8 (height, width, 3).
    """
    canvas = Pillow.fromarray(image.rgb)
    pen = ImageDraw.Draw(canvas)
    stroke = max(1, round(max(canvas.size) / 300))
    for index, face in enumerate(details.faces):
        _draw_face(pen, face, CHOSEN if index == details.chosen else OTHER, stroke)
    _draw_label(pen, details.face, stroke)
    return np.asarray(canvas)


def _draw_face(pen: ImageDraw.ImageDraw, face: Face, colour: tuple[int, int, int], stroke: int) -> None:
    left, top, width, height = face.box
    pen.rectangle((left, top, left + width, top + height), outline=colour, width=stroke)
    for x, y in face.landmarks:
        pen.ellipse((x - 2 * stroke, y - 2 * stroke, x + 2 * stroke, y + 2 * stroke), fill=colour)


def _draw_label(pen: ImageDraw.ImageDraw, face: Face, stroke: int) -> None:
    pose = face.pose
    text = f"{face.score:.2f}  yaw {pose.yaw:+.0f}° pitch {pose.pitch:+.0f}° roll {pose.roll:+.0f}°"
    left, top = face.box[:2]
    pen.text((left, max(0.0, top - 10 * stroke)), text, fill=CHOSEN, font_size=max(10, 8 * stroke))
