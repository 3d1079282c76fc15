"""Finds the finger area: cells that show ridges."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.spectra import Waves, band_of, spectra, waves
from services.fingerprint.template.features import CELL_PX

MIN_CONTRAST = 6.0  # grey levels, standard deviation of the ridge band
MIN_CLARITY = 0.2
RIDGE_PERIOD_PX = (5.0, 16.0)  # at 500 dpi; adults' ridges repeat every 7–12 px
ANY_PERIOD_PX = (2.5, 30.0)  # covers half and twice the resolution too
MIN_CELLS_FOR_PERIOD = 24


@dataclass(frozen=True, slots=True)
class FingerArea:
    """The finger in an image at 500 dpi, in cells of 16 × 16 px.

    Args:
        mask: bool, shape (rows, columns): the finger, one connected area without holes.
        ridges: bool, same shape: cells of enough contrast and clarity, before they are merged into one area.
        clarity: float32, same shape, 0–1: how much the cell looks like parallel ridges.
        contrast: float32, same shape: standard deviation within the ridge band, grey levels.
        direction: complex64, same shape: exp(2i · direction across the ridges), see spectra.Waves.
        period_px: median period of the strongest repetition, at 2.5–30 px; 0 if fewer than 24 cells repeat.
        aspect: horizontal over vertical period; 1 if ridges are equally wide in all directions.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    ridges: NDArray[np.bool_] = field(repr=False)
    clarity: NDArray[np.float32] = field(repr=False)
    contrast: NDArray[np.float32] = field(repr=False)
    direction: NDArray[np.complex64] = field(repr=False)
    period_px: float
    aspect: float = 1.0

    @property
    def pixels(self) -> NDArray[np.bool_]:
        """The mask in px: bool, shape (16 · rows, 16 · columns)."""
        return self.mask.repeat(CELL_PX, axis=0).repeat(CELL_PX, axis=1)


def find_finger(gray: NDArray[np.uint8]) -> FingerArea:
    """Find the finger by local spectra.

    1. Power spectrum of a 32 × 32 px Hann window around each cell's centre (spectra.py).
    2. Ridges are a wave: clarity = share of the power in the band of ridge periods · coherence of that power's
       directions. Noise has no common direction; edges have their power at longer periods.
    3. Keep cells of enough contrast and clarity; close, open; take the largest connected area; fill holes.
    4. Measure the period in a wider band: at a wrong resolution it lies outside the band of step 2.

    Args:
        gray: uint8, shape (height, width), 500 dpi.
    """
    power = spectra(gray)
    found = waves(power, _RIDGE_BAND)
    ridges = _clear(found)
    period_px, aspect = _periods(waves(power, _ANY_BAND))
    return FingerArea(
        mask=largest_area(ridges),
        ridges=ridges,
        clarity=found.clarity,
        contrast=found.contrast,
        direction=found.direction,
        period_px=period_px,
        aspect=aspect,
    )


_RIDGE_BAND = band_of(*RIDGE_PERIOD_PX)
_ANY_BAND = band_of(*ANY_PERIOD_PX)


def _clear(found: Waves) -> NDArray[np.bool_]:
    return (found.contrast >= MIN_CONTRAST) & (found.clarity >= MIN_CLARITY)


def _periods(found: Waves) -> tuple[float, float]:
    """Median period, and horizontal over vertical period; (0, 1) if too little repeats.

    With non-square pixels (horizontal frequency · horizontal period)² + (vertical frequency · vertical period)² is 1
    in every cell: least squares give the two periods.
    """
    clear = _clear(found)
    clear &= largest_area(clear)
    if np.count_nonzero(clear) < MIN_CELLS_FOR_PERIOD:
        return 0.0, 1.0
    squared = found.frequency[clear].astype(np.float64) ** 2
    cosine = np.cos(np.angle(found.direction[clear].astype(np.complex128)))
    axes = np.stack([(1 + cosine) * squared, (1 - cosine) * squared], 1) / 2
    across, down = np.linalg.lstsq(axes, np.ones_like(squared), rcond=None)[0]
    aspect = float(np.sqrt(across / down)) if min(across, down) > 0 else 1.0
    return float(1 / np.median(found.frequency[clear])), aspect


def largest_area(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected area of cells, after closing gaps and removing specks, with holes filled."""
    return _largest(_smooth(cells))


def _smooth(ridges: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Close gaps and remove specks; adds a border of two cells."""
    padded = np.pad(ridges.astype(np.uint8), 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel), np.uint8)


def _largest(smooth: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The largest connected area with holes filled; removes the border of two cells."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(smooth, connectivity=4)
    if len(stats) < 2:
        return np.zeros((smooth.shape[0] - 4, smooth.shape[1] - 4), np.bool_)
    largest = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    _, outside, _, _ = cv2.connectedComponentsWithStats((~largest).astype(np.uint8), connectivity=4)
    return np.asarray((outside != outside[0, 0])[2:-2, 2:-2])
