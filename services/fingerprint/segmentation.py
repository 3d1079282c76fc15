"""Where the finger is: cells that show ridges."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.features import CELL_PX, mask_shape

MIN_CONTRAST = 6.0  # grey levels, standard deviation of the ridge band
MIN_CLARITY = 0.2
WINDOW_PX = 32
RIDGE_PERIOD_PX = (5.0, 16.0)  # at 500 dpi; adults' ridges repeat every 7–12 px


@dataclass(frozen=True, slots=True)
class FingerArea:
    """The finger in an image at 500 dpi, in cells of 16 × 16 px.

    Args:
        mask: bool, shape (rows, columns): the finger, one connected area without holes.
        clarity: float32, same shape, 0–1: how much the cell looks like parallel ridges.
        contrast: float32, same shape: standard deviation within the ridge band, grey levels.
    """

    mask: NDArray[np.bool_] = field(repr=False)
    clarity: NDArray[np.float32] = field(repr=False)
    contrast: NDArray[np.float32] = field(repr=False)


def find_finger(gray: NDArray[np.uint8]) -> FingerArea:
    """Find the finger by local spectra (after Chikkerur, Cartwright, Govindaraju 2007).

    1. Power spectrum of a 32 × 32 px Hann window around each cell's centre.
    2. Ridges are a wave: clarity = share of the power in the band of ridge periods · coherence of the
       directions of that power. Noise has no direction, edges have their power at longer periods.
    3. Cells of enough contrast and clarity; closed, opened; the largest connected area; holes filled.

    Args:
        gray: uint8, shape (height, width), 500 dpi.
    """
    power = _spectra(gray)
    total = power.sum(axis=(2, 3))
    in_band = power * _BAND
    band = in_band.sum(axis=(2, 3))
    coherence = np.abs((in_band * _DOUBLED_DIRECTION).sum(axis=(2, 3))) / np.maximum(band, 1e-6)
    clarity = (coherence * band / np.maximum(total, 1e-6)).astype(np.float32)
    contrast = np.sqrt(2 * band / _WINDOW_GAIN).astype(np.float32)
    ridges = (contrast >= MIN_CONTRAST) & (clarity >= MIN_CLARITY)
    return FingerArea(_one_area(ridges), clarity, contrast)


def _spectra(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32, shape (rows, columns, 32, 17): windowed power around each cell's centre, mean removed."""
    rows, columns = mask_shape(gray.shape[1], gray.shape[0])
    margin = (WINDOW_PX - CELL_PX) // 2
    below, right = rows * CELL_PX - gray.shape[0] + margin, columns * CELL_PX - gray.shape[1] + margin
    padded = np.pad(gray, ((margin, below), (margin, right)), mode="edge").astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW_PX, WINDOW_PX))[::CELL_PX, ::CELL_PX]
    centred = windows - windows.mean(axis=(2, 3), keepdims=True)
    return np.asarray(np.abs(np.fft.rfft2(centred * _WINDOW)) ** 2, np.float32)


def _frequencies() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cycles per px along y and x of the bins of a spectrum."""
    y, x = np.meshgrid(np.fft.fftfreq(WINDOW_PX), np.fft.rfftfreq(WINDOW_PX), indexing="ij")
    return y.astype(np.float32), x.astype(np.float32)


_HANN = np.hanning(WINDOW_PX + 2)[1:-1].astype(np.float32)
_WINDOW = np.outer(_HANN, _HANN)
_WINDOW_GAIN = float(WINDOW_PX**2 * (_WINDOW**2).sum())
_FY, _FX = _frequencies()
_PERIOD = 1 / np.maximum(np.hypot(_FY, _FX), 1e-6)
_BAND = (RIDGE_PERIOD_PX[0] <= _PERIOD) & (RIDGE_PERIOD_PX[1] >= _PERIOD)
_DOUBLED_DIRECTION = np.exp(2j * np.arctan2(_FY, _FX)).astype(np.complex64)


def _one_area(ridges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Close gaps, drop specks, keep the largest connected area and fill its holes."""
    padded = np.pad(ridges.astype(np.uint8), 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
    smooth = cv2.morphologyEx(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(smooth, connectivity=4)
    if len(stats) < 2:
        return np.zeros_like(ridges)
    largest = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    _, outside, _, _ = cv2.connectedComponentsWithStats((~largest).astype(np.uint8), connectivity=4)
    return np.asarray((outside != outside[0, 0])[2:-2, 2:-2])
