"""How surely each place of a slap is covered by ridges, with the gaps between fingers left open."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

WORK_DPI = 250.0
CELL_PX = 2
"""Px of the work image per cell: cells are 4 px wide at 500 dpi."""
CELLS_PER_MM = WORK_DPI / CELL_PX / 25.4
MIN_ENERGY = 2.0  # grey levels
MIN_COHERENCE = (0.3, 0.55)  # between noise and ridges
CONTRAST_SHARE = 0.45  # of the ridges' usual depth; ghosts of earlier fingers are shallower

Cover = NDArray[np.float32]
"""float32, shape (rows, columns), 0–1, in cells of 1/125 inch."""
Flow = NDArray[np.complex64]
"""complex64, same shape: exp(2i · direction across the ridges) · coherence, see extraction.spectra.Waves."""


def cover(gray: NDArray[np.uint8]) -> tuple[Cover, Flow]:
    """Measure where ridges are, and how they run.

    1. Band of ridge periods: difference of two Gaussians.
    2. Depth: the darkest value of the band within a ridge period. It drops in gaps of over a ridge's width, which a
       windowed energy would close.
    3. Coherence of the gradients in a window of three ridges (structure tensor): dirt, noise and edges have no
       common direction, or no depth on both sides.
    4. Depth relative to the usual depth where coherent, times coherence; each limited to 0–1.

    Args:
        gray: uint8, shape (height, width), at 250 dpi; dark ridges.
    """
    image = gray.astype(np.float32)
    band = cv2.GaussianBlur(image, (0, 0), 0.7) - cv2.GaussianBlur(image, (0, 0), 2.5)
    size = (max(1, gray.shape[1] // CELL_PX), max(1, gray.shape[0] // CELL_PX))
    flow = _flow(band, size)
    depth = -cv2.erode(band, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    small = cv2.resize(np.maximum(depth, 0), size, interpolation=cv2.INTER_AREA)
    coherence = np.abs(flow)
    low, high = MIN_COHERENCE
    weight = np.clip((coherence - low) / (high - low), 0, 1)
    deep = small[(coherence > high) & (small > MIN_ENERGY)]
    usual = float(np.quantile(deep, 0.6)) if deep.size else np.inf
    return np.asarray(np.clip(small / max(CONTRAST_SHARE * usual, 2 * MIN_ENERGY), 0, 1) * weight, np.float32), flow


def _flow(band: NDArray[np.float32], size: tuple[int, int]) -> Flow:
    """The common direction of the gradients in a window of 26 px at 500 dpi."""
    x, y = cv2.Sobel(band, cv2.CV_32F, 1, 0), cv2.Sobel(band, cv2.CV_32F, 0, 1)
    xx, yy, xy = (
        cv2.resize(cv2.blur(each, (13, 13)), size, interpolation=cv2.INTER_AREA) for each in (x * x, y * y, x * y)
    )
    return np.asarray((xx - yy + 2j * xy) / np.maximum(xx + yy, 1.0), np.complex64)
