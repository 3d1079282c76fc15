"""Tells ridges from a ground by their course: next to each other they run nearly the same way.

In noise, text and hair the direction changes from one cell to the next, though each cell may look like ridges. Cells of
enough contrast and clarity (segmentation.py) are kept where the directions of the cells around agree; the largest
connected area of them, and what is next to it and agrees a little less (as around a core), is the finger. There is none
if even its directions hardly agree, as in hair, or if nearly all around looks like ridges too, as in noise.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.segmentation import FingerArea, largest_area

AROUND = 1.0  # σ of the surroundings, in cells of 16 px
SURE, POSSIBLE = 0.7, 0.5  # agreement; noise has 0.45 on average
MEAN = 0.76  # of the whole area: of most portraits it is less, of most latents more
ELSEWHERE = 0.8  # share of the other cells that look like ridges: of noise it is more


def agreement(area: FingerArea) -> NDArray[np.float32]:
    """How much the directions around each cell agree, 0–1; shape (rows, columns)."""
    turn = area.direction / np.maximum(np.abs(area.direction), 1e-6)
    along, across = (
        cv2.GaussianBlur(np.ascontiguousarray(each, np.float32), (0, 0), AROUND, borderType=cv2.BORDER_REFLECT)
        for each in (turn.real, turn.imag)
    )
    return np.hypot(along, across)


def ridge_area(area: FingerArea) -> NDArray[np.bool_]:
    """The cells of one connected area where ridges keep their course: shape (rows, columns); none if there are none."""
    agreed = agreement(area)
    sure = largest_area(area.ridges & (agreed >= SURE))
    near = cv2.dilate(sure.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    found = largest_area(sure | (near & area.ridges & (agreed >= POSSIBLE)))
    is_told = found.any() and agreed[found].mean() >= MEAN
    if not is_told or (not found.all() and area.ridges[~found].mean() > ELSEWHERE):
        return np.zeros_like(found)
    return found
