"""Lays out two prints on one drawing: at one scale, each cropped to its finger."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.images.decode import Image
from services.extraction import Extraction
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.placement import Placement
from services.fingerprint.template.features import CELL_PX, FingerFeatures, Minutiae, unpack

HEIGHT_PX = 1000  # of the drawing, unless a limit of ZOOM applies
ZOOM = (1.0, 4.0)  # px of the drawing per px at 500 dpi
MARGIN_PX = 20  # around both prints and between them
PAPER = (244, 243, 239)

Rgb = NDArray[np.uint8]
Points = NDArray[np.float64]
Pair = tuple[Extraction[FingerprintDetails], Extraction[FingerprintDetails]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One print and its position on the drawing.

    Args:
        image: that was extracted from.
        minutiae: in the order of the template, in px at 500 dpi.
        mask: bool: the finger area in cells of 16 px at 500 dpi.
        placement: of the print in the image.
        zoom: px of the drawing per px at 500 dpi.
        cut: left and top of the shown part, in px at 500 dpi.
        corner: left and top of the panel on the drawing.
        size: width and height of the panel, in px of the drawing.
    """

    image: Image = field(repr=False)
    minutiae: Minutiae = field(repr=False)
    mask: NDArray[np.bool_] = field(repr=False)
    placement: Placement = field(repr=False)
    zoom: float
    cut: tuple[int, int]
    corner: tuple[int, int]
    size: tuple[int, int]

    @property
    def points(self) -> Points:
        """Positions of the minutiae on the drawing: float64, shape (n, 2), x and y; integers are pixel centres."""
        found = np.stack([self.minutiae.x, self.minutiae.y], 1).astype(np.float64)
        return (found + 0.5 - self.cut) * self.zoom - 0.5 + self.corner

    @property
    def directions(self) -> Points:
        """Directions of the minutiae: unit vectors, float64, shape (n, 2), y downward."""
        angle = self.minutiae.angle.astype(np.float64)
        return np.stack([np.cos(angle), -np.sin(angle)], 1)

    def picture(self) -> Rgb:
        """The shown part of the image: uint8, shape (height, width, 3)."""
        mapping = self.placement.copy()
        mapping[:, :2] /= self.zoom
        mapping[:, 2] += self.placement[:, :2] @ (np.array(self.cut) + 0.5 / self.zoom - 0.5)
        rgb, flags = np.ascontiguousarray(self.image.rgb), cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(rgb, mapping, self.size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )


def lay_out(images: tuple[Image, Image], found: Pair) -> tuple[Rgb, tuple[Panel, Panel]]:
    """An empty drawing, and the two panels, each centred in its half."""
    cuts = [_cut(each.details.features) for each in found]
    width, height = (max(cut[side + 2] - cut[side] for cut in cuts) for side in (0, 1))
    zoom = float(np.clip((HEIGHT_PX - 2 * MARGIN_PX) / height, *ZOOM))
    step = round(width * zoom) + MARGIN_PX
    canvas = np.empty((round(height * zoom) + 2 * MARGIN_PX, 2 * step + MARGIN_PX, 3), np.uint8)
    canvas[:] = PAPER
    panels = []
    for place, (image, each, (left, top, right, bottom)) in enumerate(zip(images, found, cuts, strict=True)):
        size = round((right - left) * zoom), round((bottom - top) * zoom)
        corner = MARGIN_PX + place * step + (step - MARGIN_PX - size[0]) // 2, (canvas.shape[0] - size[1]) // 2
        features, placed = unpack(each.template.data), each.details.placement
        panels.append(Panel(image, features.minutiae, features.mask, placed, zoom, (left, top), corner, size))
    return canvas, (panels[0], panels[1])


def _cut(features: FingerFeatures) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the finger area plus one cell, within the image; px at 500 dpi."""
    rows, columns = (np.flatnonzero(features.mask.any(axis)) for axis in (1, 0))
    return (
        max(0, int(columns[0] - 1) * CELL_PX),
        max(0, int(rows[0] - 1) * CELL_PX),
        min(features.width_px, int(columns[-1] + 2) * CELL_PX),
        min(features.height_px, int(rows[-1] + 2) * CELL_PX),
    )
