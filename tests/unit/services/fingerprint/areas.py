"""Synthetic ridges and finger areas."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.segmentation import FingerArea


def rings(height: int, width: int, period_px: float = 9.0, centre: tuple[float, float] = (-50.0, -80.0)) -> NDArray:
    """Concentric waves of this period around (x, y): float, 48–208."""
    y, x = np.mgrid[:height, :width]
    return 128 + 80 * np.sin(np.hypot(x - centre[0], y - centre[1]) * 2 * np.pi / period_px)


def arched_finger(height: int = 320, width: int = 256) -> NDArray[np.uint8]:
    """An upright arch on white: an ellipse of ridges with a common centre below it."""
    y, x = np.mgrid[:height, :width]
    inside = np.hypot((x - width / 2) / (width / 2 - 24), (y - height / 2) / (height / 2 - 24)) < 1
    return np.where(inside, rings(height, width, centre=(width / 2, height)), 255).astype(np.uint8)


def finger_area(cells: int = 300, clarity: float = 0.7, contrast: float = 40.0) -> FingerArea:
    """A finger area of this many of 20 × 20 cells, whose ridges have no direction."""
    mask = np.arange(400).reshape(20, 20) < cells
    return FingerArea(
        mask=mask,
        ridges=mask,
        clarity=np.full((20, 20), clarity, np.float32),
        contrast=np.full((20, 20), contrast, np.float32),
        direction=np.zeros((20, 20), np.complex64),
        period_px=9.0,
    )
