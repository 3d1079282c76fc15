"""Checks whether an image shows several fingers, or light ridges on a dark background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.segmentation import FingerArea

MIN_DISTANCE_CELLS = 14  # 11.4 mm: less than between the middles of adjacent fingers
MIN_AREAS_CELLS = (40, 30, 20, 12)
MIN_BACKGROUND_PX = 256

_SQUARE = np.ones((3, 3), np.uint8)


def shows_several_fingers(area: FingerArea) -> bool:
    """Whether there are two large areas of ridges side by side.

    Fingers may touch, so the ridge cells are eroded up to three times, once after a median filter (which closes small
    gaps) and once after an opening (which widens them). Areas above each other are parts of one finger, separated by
    the crease of its joint; so are areas whose middles are less than 14 cells apart horizontally.
    """
    cells = np.pad(area.ridges.astype(np.uint8), 2)
    closed, opened = cv2.medianBlur(cells, 3), cv2.morphologyEx(cells, cv2.MORPH_OPEN, _SQUARE)
    return any(_stand_apart(np.asarray(each, np.uint8)) for each in (closed, opened))


def _stand_apart(cells: NDArray[np.uint8]) -> bool:
    for least in MIN_AREAS_CELLS:
        _, _, stats, middles = cv2.connectedComponentsWithStats(cells, connectivity=4)
        columns = middles[1:, 0][stats[1:, cv2.CC_STAT_AREA] >= least]
        if len(columns) and np.ptp(columns) >= MIN_DISTANCE_CELLS:
            return True
        cells = np.asarray(cv2.erode(cells, _SQUARE), np.uint8)
    return False


def has_dark_background(gray: NDArray[np.uint8], area: FingerArea) -> bool:
    """Whether the background is darker than the mean level between ridges and valleys of the finger.

    True for none of the 320 images of FVC2002, and for all but one of them inverted.
    """
    on = area.pixels[: gray.shape[0], : gray.shape[1]]
    background = gray[~on]
    if background.size < MIN_BACKGROUND_PX:
        return False
    return bool(np.median(background) < np.quantile(gray[on], (0.1, 0.9)).mean())
