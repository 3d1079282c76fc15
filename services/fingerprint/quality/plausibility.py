"""Whether an image shows one finger, and dark ridges on a light ground."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.segmentation import FingerArea

MIN_DISTANCE_CELLS = 14  # 11.4 mm: less than from the middle of one finger to that of the next
MIN_AREAS_CELLS = (40, 30, 20, 12)
MIN_BACKGROUND_PX = 256

_SQUARE = np.ones((3, 3), np.uint8)


def shows_several_fingers(area: FingerArea) -> bool:
    """Whether there are two large areas of ridges side by side.

    Fingers may touch, so the cells of ridges are eroded up to three times, once after a median (which closes small
    gaps) and once after an opening (which widens them). Areas one above the other are parts of one finger (the crease
    of its joint parts them), and so are areas whose middles are less than 14 cells apart.
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


def has_dark_ground(gray: NDArray[np.uint8], area: FingerArea) -> bool:
    """Whether what lies around the finger is darker than the middle between its ridges and valleys.

    Of the 320 images of FVC2002 it is in none, and in all but one when they are inverted.
    """
    on = area.pixels[: gray.shape[0], : gray.shape[1]]
    ground = gray[~on]
    if ground.size < MIN_BACKGROUND_PX:
        return False
    return bool(np.median(ground) < np.quantile(gray[on], (0.1, 0.9)).mean())
