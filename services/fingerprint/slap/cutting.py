"""Cuts a slap into images of single fingers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from biometrics.errors import FieldInvalid
from biometrics.template import Position
from formats.contents import Segment
from infra.images.decode import Image
from services.fingerprint.extraction.resolution import told_resolution
from services.fingerprint.slap.found import Cut, FoundFinger, Segmentation
from services.fingerprint.slap.frame import Map, mapped, rotation, scaling

UPRIGHT_DEGREES = 10.0
"""A finger turned by less is cut out as it is, pixel by pixel; the comparator tolerates more."""
MIN_SIDE_INCHES = 0.2
"""Of the image of a found finger: 100 px at 500 dpi, as the extractor takes 96."""


def cut(image: Image, segments: Sequence[Segment]) -> list[Cut]:
    """Cut along given boxes, as they are: no margin is added, since it might show a neighbour.

    Args:
        image: of the slap.
        segments: of its fingers; bounds are inside, and parts outside of the image are left out. A turned finger is cut
            out as the box around it.

    Raises:
        FieldInvalid: no segment, one without an area or entirely outside of the image, or two of one position. `field`
            is "segments", with the index of the segment at fault.
    """
    if not segments:
        raise FieldInvalid("segments", "There is no segment. Give one for each finger.")
    return [_cut_box(image, each, f"segments[{number}]", segments[:number]) for number, each in enumerate(segments)]


def _cut_box(image: Image, segment: Segment, field: str, earlier: Sequence[Segment]) -> Cut:
    height, width = image.pixels.shape[:2]
    if segment.right < segment.left or segment.bottom < segment.top:
        raise FieldInvalid(field, "The box has no area: its right and bottom must not lie before its left and top.")
    if segment.right < 0 or segment.bottom < 0 or segment.left >= width or segment.top >= height:
        raise FieldInvalid(field, f"The box lies outside of the image of {width}×{height} px.")
    if segment.position is not Position.UNKNOWN and any(segment.position is each.position for each in earlier):
        raise FieldInvalid(field, f"{segment.position} has a segment already. Give one for each finger.")
    left, top = max(segment.left, 0), max(segment.top, 0)
    part = image.pixels[top : segment.bottom + 1, left : segment.right + 1]
    placed = np.array([[1.0, 0.0, left], [0.0, 1.0, top]])
    return Cut(segment.position, replace(image, pixels=np.ascontiguousarray(part)), placed)


def cut_out(image: Image, found: Segmentation) -> list[Cut]:
    """Cut out the fingers found in a slap, upright and alone: all around them is filled with the grey of the platen.

    Args:
        image: of the slap.
        found: what `segment` found in it.
    """
    gray = image.gray
    ground = float(np.median(gray[::8, ::8]))
    return [_cut_out(replace(image, pixels=gray), each, ground) for each in found.fingers]


def _cut_out(image: Image, finger: FoundFinger, ground: float) -> Cut:
    to_image, (width, height) = _frame(image, finger)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(
        image.pixels, to_image[:2], (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=ground
    )
    outline = mapped(finger.outline, np.linalg.inv(to_image))
    inside = cv2.fillPoly(np.zeros((height, width), np.uint8), [np.round(outline).astype(np.int32)], 1) > 0
    alone = np.where(inside, pixels, np.uint8(round(ground))).astype(np.uint8)
    square = replace(image, pixels=alone, vertical_dpi=None)
    return Cut(finger.segment.position, square, to_image[:2])


def _frame(image: Image, finger: FoundFinger) -> tuple[Map, tuple[int, int]]:
    """The map from an upright frame around the finger to the image, and the frame's width and height."""
    resolution = told_resolution(image)
    stretch = scaling(1.0, resolution.vertical_dpi / resolution.horizontal_dpi)
    degrees = finger.degrees if abs(finger.degrees) >= UPRIGHT_DEGREES else 0.0
    turned = stretch @ np.linalg.inv(rotation(degrees, (0.0, 0.0), (0.0, 0.0)))
    outline = mapped(finger.outline, np.linalg.inv(turned))
    lower, upper = np.floor(outline.min(axis=0)), np.ceil(outline.max(axis=0))
    size = np.maximum(upper - lower + 1, np.ceil(MIN_SIDE_INCHES * resolution.horizontal_dpi))
    corner = np.floor(lower - (size - (upper - lower + 1)) / 2)
    moved = np.array([[1.0, 0.0, corner[0]], [0.0, 1.0, corner[1]], [0.0, 0.0, 1.0]])
    return turned @ moved, (int(size[0]), int(size[1]))
