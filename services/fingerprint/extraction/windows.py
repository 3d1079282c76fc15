"""Cuts an image into overlapping windows, and puts windows together again: to change their spectra one by one.

Square windows with a Hann weight, half a side apart, so that each pixel lies in four of them; the image is mirrored at
its edges by a whole window.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Spectra = NDArray[np.complexfloating[Any, Any]]
"""Shape (rows, columns, side, side/2 + 1): of each window."""


def spectra_of(light: Floats, side: int) -> Spectra:
    """The spectra of an image's windows, without their means.

    Args:
        light: shape (height, width).
        side: of a window, px; even.
    """
    step = side // 2
    below, right = (-each % step + side for each in light.shape)
    padded = cv2.copyMakeBorder(light, side, below, side, right, cv2.BORDER_REFLECT_101)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))[::step, ::step]
    return np.fft.rfft2((windows - windows.mean(axis=(2, 3), keepdims=True)) * hann(side))


def image_of(changed: Spectra, shape: tuple[int, ...]) -> Floats:
    """The image, of this height and width, whose windows have these spectra; around 0."""
    rows, columns, side, _ = changed.shape
    height, width = shape
    step, weight = side // 2, hann(side)
    windows = np.fft.irfft2(changed, s=(side, side)) * weight
    total = np.zeros(((rows + 1) * step, (columns + 1) * step), np.float32)
    power = (weight**2).reshape(2, step, 2, step).sum(axis=(0, 2))
    for down in (0, step):
        for across in (0, step):
            part = windows[:, :, down : down + step, across : across + step] / power
            placed = part.transpose(0, 2, 1, 3).reshape(rows * step, columns * step)
            total[down : down + rows * step, across : across + columns * step] += placed
    return total[side : side + height, side : side + width]


def hann(side: int) -> NDArray[np.float32]:
    """The weight of a window's pixels: shape (side, side), over 0, at most 1."""
    each = np.hanning(side + 2)[1:-1].astype(np.float32)
    return np.outer(each, each)
