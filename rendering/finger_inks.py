"""Takes the ink of a finger off its print: how dark each pixel is, within the outline of a fingertip."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.segmentation import find_finger

ROUNDNESS = 2.4
"""Exponent of the superellipse that ends a fingertip."""
LOWER_HEIGHT = 0.95
"""Of a lower phalanx that is seen, in widths of the finger."""


@dataclass(frozen=True, slots=True)
class Ink:
    """The ink of one phalanx.

    Args:
        amount: float32, shape (height, width), 0–1; 0 outside.
        inside: bool, same shape: within the outline.
        left: column of the print's image at which it begins.
        top: row of the print's image at which it begins.
    """

    amount: NDArray[np.float32] = field(repr=False)
    inside: NDArray[np.bool_] = field(repr=False)
    left: int = 0
    top: int = 0


def distal(gray: NDArray[np.uint8]) -> Ink:
    """The fingertip in the image of one print, 500 dpi, dark ridges; its upper end is rounded."""
    mask = find_finger(gray).pixels[: gray.shape[0], : gray.shape[1]].astype(np.uint8)
    left, top, width, height = cv2.boundingRect(mask)
    part = (slice(top, top + height), slice(left, left + width))
    inside = (cv2.GaussianBlur(mask[part].astype(np.float32), (0, 0), 8.0) > 0.5) & _tip(height, width)
    return Ink(np.where(inside, _darkness(gray)[part], 0).astype(np.float32), inside, left, top)


def phalanx(tip: Ink, width: int) -> Ink:
    """A lower phalanx for a finger of a width, px, from the lower part of some fingertip: 0.92 as wide."""
    height, wide = round(LOWER_HEIGHT * width), round(0.92 * width)
    lower = tip.amount[tip.amount.shape[0] * 2 // 5 :]
    inside = lower.shape[1] // 10, lower.shape[1] * 9 // 10
    tile = cv2.resize(np.ascontiguousarray(lower[:, inside[0] : inside[1]]), (wide, height))
    outline = _rounded(height, wide)
    return Ink(np.where(outline, tile, 0).astype(np.float32), outline)


def _darkness(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How dark each pixel is against the valleys around it, 0–1."""
    ground = cv2.GaussianBlur(cv2.morphologyEx(gray, cv2.MORPH_CLOSE, np.ones((21, 21), np.uint8)), (0, 0), 9.0)
    dark = ground.astype(np.float32) - gray
    return np.asarray(np.clip(dark / max(float(np.quantile(dark, 0.95)), 1.0), 0, 1), np.float32)


def _tip(height: int, width: int) -> NDArray[np.bool_]:
    """The upper end round over half a width, the lower end slightly round."""
    outline = _rounded(height, width)
    end = min(height, round(0.6 * width))
    y, x = np.mgrid[:end, :width]
    outline[:end] &= np.abs((x + 0.5) / width * 2 - 1) ** ROUNDNESS + np.abs(1 - (y + 0.5) / end) ** ROUNDNESS <= 1
    return outline


def _rounded(height: int, width: int) -> NDArray[np.bool_]:
    """A block whose sides bulge a little."""
    y, x = np.mgrid[:height, :width]
    across, down = np.abs((x + 0.5) / width * 2 - 1), np.abs((y + 0.5) / height * 2 - 1)
    return np.asarray(across**8 + down**8 <= 1)
