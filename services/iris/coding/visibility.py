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
AROUND = (5, 3)  # columns and rows around an outlying sample that are masked
BESIDE = (17, 9)  # columns and rows around such a sample


def visible(sheet: RubberSheet, found: Segmentation) -> Mask:
    """Return which samples of the sheet show the iris, bool (64, 512).

    The network locates lids, lashes and specular reflections; its pixels are wider than a lash, so samples much darker
    or brighter than their row are masked too, and near lids and lashes those that stand in much more contrast than the
    iris usually has: edges of lids, and what shines through between lashes.
    """
    opening, noise = found.at(sheet.xs, sheet.ys, found.opening, found.noise)
    shown = sheet.inside & (opening > MIN_OPENING) & (noise < MAX_NOISE)
    shown &= ~_widened(_outlying(sheet.values, shown), AROUND)
    beside = _widened((noise > SOME_NOISE) | (opening < LESS_OPENING), BESIDE)
    return np.asarray(shown & ~(beside & _crowded(sheet.values, shown)))


def _widened(mask: Mask, size: tuple[int, int]) -> Mask:
    """Which samples have one of the mask within a box of so many columns and rows."""
    return np.asarray(cv2.dilate(mask.view(np.uint8), np.ones(size[::-1], np.uint8))).view(np.bool_)


def _crowded(values: Floats, shown: Mask) -> Mask:
    """Around which samples the contrast is much larger than around half of the visible ones."""
    middle = cv2.blur(values, NEARBY)
    contrast = np.sqrt(np.maximum(cv2.blur(values * values, NEARBY) - middle * middle, 0))
    usual = contrast[::2, ::4][shown[::2, ::4]]
    if not usual.size:
        return np.zeros_like(shown)
    return np.asarray(contrast > CROWDED * max(_median(usual), 1.0))


def _outlying(values: Floats, shown: Mask) -> Mask:
    """Which samples deviate from the visible median of their row, in robust standard deviations over all rows."""
    thinned, used = values[::2, ::4], shown[::2, ::4]
    counts = np.count_nonzero(used, axis=1)
    usable = np.flatnonzero(counts)
    if not usable.size:
        return np.zeros_like(shown)
    ordered = np.sort(np.where(used, thinned, np.float32(np.inf)), axis=1)
    medians = ordered[usable, counts[usable] // 2]
    rows = np.interp(np.arange(ROWS), 2 * usable, medians).astype(np.float32)[:, None]
    middle = np.asarray(cv2.GaussianBlur(rows, (1, 0), sigmaX=0.1, sigmaY=2.0), np.float32).reshape(ROWS, 1)
    spread = 1.4826 * _median(np.abs(thinned - middle[::2])[used])
    low, high = (middle + np.float32(each * max(spread, MIN_SPREAD)) for each in (LASH_DEVIATION, GLINT_DEVIATION))
    return np.asarray((values < low) | (values > high))


def _median(values: Floats) -> float:
    """Return the upper median of at least one number."""
    middle = values.size // 2
    return float(np.partition(values, middle)[middle])
