"""What of the iris can be seen: between the lids, in the frame, neither lash nor mirrored light."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.circles import Floats
from services.iris.rubber_sheet import COLUMNS, ROWS, RubberSheet
from services.iris.segmentation import MIN_OPENING, Segmentation

Mask = NDArray[np.bool_]
MAX_NOISE = 0.4  # probability
LASH_DEVIATION, GLINT_DEVIATION = -4.0, 5.0  # robust standard deviations of the iris's tone
MIN_SPREAD = 4.0  # grey levels


def visible(sheet: RubberSheet, found: Segmentation) -> Mask:
    """Return bool (64, 512): what of the sheet is iris.

    The network says where lids, lashes and mirrored light are; its pixels are wider than a lash, so samples much
    darker or brighter than their row are taken out too.
    """
    shown = sheet.inside & (found.at(found.opening, sheet.xs, sheet.ys) > MIN_OPENING)
    shown &= found.at(found.noise, sheet.xs, sheet.ys) < MAX_NOISE
    unlike = _deviation(sheet.values, shown)
    outlying = ((unlike < LASH_DEVIATION) | (unlike > GLINT_DEVIATION)).astype(np.uint8)
    return np.asarray(shown & (cv2.dilate(outlying, np.ones((3, 5), np.uint8)) == 0))


def _deviation(values: Floats, shown: Mask) -> Floats:
    """Measure how unlike its row each sample is, in robust standard deviations; below zero darker."""
    thinned = np.where(shown, values, np.float32(np.nan))[::2, ::4]
    usable = ~np.isnan(thinned).all(axis=1)
    if not usable.any():
        return np.zeros_like(values)
    medians = _medians(thinned[usable])
    rows = np.interp(np.arange(ROWS), 2 * np.flatnonzero(usable), medians).astype(np.float32)[:, None]
    middle = np.asarray(cv2.GaussianBlur(rows, (1, 0), sigmaX=0.1, sigmaY=2.0), np.float32).reshape(ROWS, 1)
    spread = 1.4826 * float(_medians(np.abs(thinned - middle[::2]).reshape(1, -1))[0])
    return np.asarray((values - middle) / np.float32(max(spread, MIN_SPREAD)), np.float32).reshape(ROWS, COLUMNS)


def _medians(rows: Floats) -> Floats:
    """Return the upper median of each row's numbers; every row has one at least, and the rest is NaN."""
    return np.asarray(np.sort(rows, axis=1)[np.arange(len(rows)), np.count_nonzero(~np.isnan(rows), axis=1) // 2])
