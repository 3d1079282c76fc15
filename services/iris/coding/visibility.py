"""Masks the visible part of the iris: between the lids, inside the frame, without lashes and specular reflections."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.iris.coding.rubber_sheet import ROWS, RubberSheet
from services.iris.segmentation.circles import Floats
from services.iris.segmentation.network import MIN_OPENING, Segmentation

Mask = NDArray[np.bool_]
MAX_NOISE = 0.4  # probability
LASH_DEVIATION, GLINT_DEVIATION = -4.0, 5.0  # robust standard deviations of the iris's tone
MIN_SPREAD = 4.0  # grey levels
CROWDED = 3.0  # times the contrast that is usual in the iris, within some columns and rows: more than a texture has
NEARBY = (9, 5)  # columns and rows within which contrast is measured
SOME_NOISE, LESS_OPENING = 0.05, 0.97  # probabilities from which a sample may be at a lid or among lashes
BESIDE = (17, 9)  # columns and rows around such a sample


def visible(sheet: RubberSheet, found: Segmentation) -> Mask:
    """Return which samples of the sheet show the iris, bool (64, 512).

    The network locates lids, lashes and specular reflections; its pixels are wider than a lash, so samples much darker
    or brighter than their row are masked too, and near lids and lashes those that stand in much more contrast than the
    iris usually has: edges of lids, and what shines through between lashes.
    """
    opening, noise = found.at(sheet.xs, sheet.ys, found.opening, found.noise)
    shown = sheet.inside & (opening > MIN_OPENING) & (noise < MAX_NOISE)
    outlying = _outlying(sheet.values, shown).astype(np.uint8)
    shown &= cv2.dilate(outlying, np.ones((3, 5), np.uint8)) == 0
    doubtful = ((noise > SOME_NOISE) | (opening < LESS_OPENING)).astype(np.uint8)
    beside = cv2.dilate(doubtful, np.ones(BESIDE[::-1], np.uint8)) > 0
    return np.asarray(shown & ~(beside & _crowded(sheet.values, shown)))


def _crowded(values: Floats, shown: Mask) -> Mask:
    """Around which samples the contrast is much larger than around half of the visible ones."""
    middle = cv2.blur(values, NEARBY)
    contrast = np.sqrt(np.maximum(cv2.blur(values * values, NEARBY) - middle * middle, 0))
    usual = contrast[::2, ::4][shown[::2, ::4]]
    if not usual.size:
        return np.zeros_like(shown)
    median = float(np.partition(usual, usual.size // 2)[usual.size // 2])
    return np.asarray(contrast > CROWDED * max(median, 1.0))


def _outlying(values: Floats, shown: Mask) -> Mask:
    """Which samples deviate from the visible median of their row, in robust standard deviations over all rows."""
    thinned = np.where(shown[::2, ::4], values[::2, ::4], np.float32(np.nan))
    usable = ~np.isnan(thinned).all(axis=1)
    if not usable.any():
        return np.zeros_like(shown)
    medians = _medians(thinned[usable])
    rows = np.interp(np.arange(ROWS), 2 * np.flatnonzero(usable), medians).astype(np.float32)[:, None]
    middle = np.asarray(cv2.GaussianBlur(rows, (1, 0), sigmaX=0.1, sigmaY=2.0), np.float32).reshape(ROWS, 1)
    spread = 1.4826 * float(_medians(np.abs(thinned - middle[::2]).reshape(1, -1))[0])
    low, high = (middle + np.float32(each * max(spread, MIN_SPREAD)) for each in (LASH_DEVIATION, GLINT_DEVIATION))
    return np.asarray((values < low) | (values > high))


def _medians(rows: Floats) -> Floats:
    """Return the upper median of each row, ignoring NaN; every row has at least one number."""
    return np.asarray(np.sort(rows, axis=1)[np.arange(len(rows)), np.count_nonzero(~np.isnan(rows), axis=1) // 2])
