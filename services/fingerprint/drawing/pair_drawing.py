"""Draws two prints side by side with their paired minutiae, so that a person can see why they match.

1. Both prints are cropped to the finger, paled, and drawn at one scale, so that ridges are equally wide (panel.py).
2. The finger area is outlined; unpaired minutiae are small and grey.
3. Paired minutiae share a number and a colour, numbered by rising y in the first print. The better a pair fits, the
   thicker its ring; a tick shows the direction; a faint line joins the two.
"""

from __future__ import annotations

from colorsys import hls_to_rgb

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from infra.images.decode import Image
from services.fingerprint.comparison.explanation import Pairs
from services.fingerprint.drawing.overlay import finger_contours
from services.fingerprint.drawing.panel import Pair, Panel, Points, Rgb, lay_out
from services.fingerprint.template.features import CELL_PX

TICK_PX, RING_PX, DOT_PX, NUMBER_PX = 9.0, 4.5, 2.2, 7.5  # at 500 dpi
PALENESS = 0.45
LINK_STRENGTH = 0.3
OUTLINE, UNPAIRED, HALO = (120, 150, 190), (105, 105, 105), (255, 255, 255)
MAX_LUMA = 105  # of a pair's colour, legible on white

_SUBPIXEL = 4  # fraction bits of OpenCV's drawing coordinates
_GOLDEN_RATIO = 0.618034  # spreads hues so that consecutive numbers differ

Colour = tuple[int, int, int]
Rows = NDArray[np.int64]


def draw_pair(images: tuple[Image, Image], found: Pair, pairs: Pairs) -> Rgb:
    """Draw two prints and the minutiae that a comparison paired.

    Args:
        images: that were extracted from; the first is the pairs' probe.
        found: their extractions.
        pairs: rows of the two templates' minutiae.

    Returns:
        uint8, shape (height, width, 3), RGB; about 1,000 px high.
    """
    canvas, panels = lay_out(images, found)
    pairs = pairs.ordered(np.argsort(pairs.probe, kind="stable"))
    rows = pairs.probe, pairs.reference
    colours = [_colour(number) for number in range(len(rows[0]))]
    for panel, paired in zip(panels, rows, strict=True):
        _draw_print(canvas, panel, paired)
    _draw_links(canvas, panels[0].points[rows[0]], panels[1].points[rows[1]], colours)
    for panel, paired in zip(panels, rows, strict=True):
        _draw_paired(canvas, panel, paired, colours, pairs.weight)
    for panel, paired in zip(panels, rows, strict=True):
        canvas = _write_numbers(canvas, panel, paired, colours)
    return canvas


def _draw_print(canvas: Rgb, panel: Panel, paired: Rows) -> None:
    """Draw the paled image, the finger area, and the unpaired minutiae."""
    (left, top), (width, height), zoom = panel.corner, panel.size, panel.zoom
    place = canvas[top : top + height, left : left + width]
    place[:] = np.rint(panel.picture() * (1 - PALENESS) + 255 * PALENESS)
    shift = np.rint(np.array(panel.cut) * zoom).astype(np.int32)
    contours = [contour - shift for contour in finger_contours(panel.mask, CELL_PX * zoom)]
    framed = np.ascontiguousarray(place)
    cv2.polylines(framed, contours, isClosed=True, color=OUTLINE, thickness=2, lineType=cv2.LINE_AA)
    place[:] = framed
    points, ticks = panel.points, panel.directions * TICK_PX * zoom
    for row in np.setdiff1d(np.arange(len(points)), paired):
        for colour, thickness in ((HALO, 3), (UNPAIRED, 1)):
            _line(canvas, points[row], points[row] + 0.7 * ticks[row], colour, thickness)
            _circle(canvas, points[row], DOT_PX * zoom, colour, thickness)


def _draw_links(canvas: Rgb, starts: Points, ends: Points, colours: list[Colour]) -> None:
    layer = canvas.copy()
    for start, end, colour in zip(starts, ends, colours, strict=True):
        _line(layer, start, end, colour, 1)
    cv2.addWeighted(layer, LINK_STRENGTH, canvas, 1 - LINK_STRENGTH, 0, dst=canvas)


def _draw_paired(canvas: Rgb, panel: Panel, paired: Rows, colours: list[Colour], weight: NDArray[np.float64]) -> None:
    points, directions, radius = panel.points[paired], panel.directions[paired], RING_PX * panel.zoom
    for point, direction, colour, share in zip(points, directions, colours, weight, strict=True):
        thickness = 1 + round(0.25 * radius * float(share))
        start, end = point + radius * direction, point + 1.6 * TICK_PX * panel.zoom * direction
        for ink, extra in ((HALO, 2), (colour, 0)):
            _line(canvas, start, end, ink, 2 + extra)
            _circle(canvas, point, radius, ink, thickness + extra)


def _write_numbers(canvas: Rgb, panel: Panel, paired: Rows, colours: list[Colour]) -> Rgb:
    """Write each pair's number beside its minutia, where it covers least."""
    picture = Pillow.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(max(11.0, NUMBER_PX * panel.zoom))
    points, ticks = panel.points[paired], panel.directions[paired] * TICK_PX * panel.zoom
    taken = np.concatenate([panel.points, points + ticks])
    for number, (point, colour) in enumerate(zip(points, colours, strict=True), 1):
        place = _free_place(point, 1.35 * TICK_PX * panel.zoom, taken, canvas.shape)
        taken = np.concatenate([taken, place[None]])
        pen.text((place[0], place[1]), str(number), colour, font, "mm", stroke_width=2, stroke_fill=HALO)
    return np.array(picture)


def _free_place(point: Points, reach: float, taken: Points, shape: tuple[int, ...]) -> Points:
    """The position at this distance that is farthest from all taken ones, inside the drawing if possible."""
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    places = point + reach * np.stack([np.cos(angles), np.sin(angles)], 1)
    room = np.linalg.norm(places[:, None] - taken, axis=2).min(1)
    inside = ((places > reach / 2) & (places < np.array(shape[1::-1]) - reach / 2)).all(1)
    return np.asarray(places[np.argmax(np.where(inside, room, room - 1e6))])


def _colour(number: int) -> Colour:
    """A hue for each number, dark enough to be legible on white."""
    rgb = 255 * np.array(hls_to_rgb(number * _GOLDEN_RATIO % 1, 0.4, 0.9))
    red, green, blue = np.rint(rgb * min(1.0, MAX_LUMA / (rgb @ (0.299, 0.587, 0.114)))).astype(int)
    return int(red), int(green), int(blue)


def _fixed(point: Points) -> tuple[int, int]:
    x, y = np.rint(point * 2**_SUBPIXEL).astype(int)
    return int(x), int(y)


def _line(canvas: Rgb, start: Points, end: Points, colour: Colour, thickness: int) -> None:
    cv2.line(canvas, _fixed(start), _fixed(end), colour, thickness, cv2.LINE_AA, _SUBPIXEL)


def _circle(canvas: Rgb, centre: Points, radius: float, colour: Colour, thickness: int) -> None:
    cv2.circle(canvas, _fixed(centre), round(radius * 2**_SUBPIXEL), colour, thickness, cv2.LINE_AA, _SUBPIXEL)
