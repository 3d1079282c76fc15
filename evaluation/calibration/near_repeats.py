"""Near repeats of one capture: copies, re-encodings, crops, other frames of a burst, blurred or noisier versions.

They stand for what an attacker, a retry or a burst sends more than once. Grey or colour images, uint8; the same seed
gives the same images.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

Pixels = NDArray[np.uint8]
Random = np.random.Generator


def _encoded(quality: int) -> Callable[[Pixels, Random], Pixels]:
    """Compressed as JPEG and decoded again."""

    def again(pixels: Pixels, _random: Random) -> Pixels:
        file = io.BytesIO()
        Pillow.fromarray(pixels).save(file, "JPEG", quality=quality)
        return np.asarray(Pillow.open(file))

    return again


def _cropped(left: float, right: float) -> Callable[[Pixels, Random], Pixels]:
    """Cropped by a share of the sides at the left and top, and by another at the right and bottom."""

    def again(pixels: Pixels, _random: Random) -> Pixels:
        height, width = pixels.shape[:2]
        rows, columns = (slice(round(left * side), side - round(right * side)) for side in (height, width))
        return np.ascontiguousarray(pixels[rows, columns])

    return again


def _frame(px: float, degrees: float, noise: float) -> Callable[[Pixels, Random], Pixels]:
    """Shifted by up to `px`, turned by up to `degrees`, with fresh noise of `noise` grey levels."""

    def again(pixels: Pixels, random: Random) -> Pixels:
        height, width = pixels.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-degrees, degrees), 1.0)
        matrix = np.asarray(turn, np.float64)
        matrix[:, 2] += random.uniform(-px, px, 2)
        moved = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(np.clip(moved + random.normal(0.0, noise, moved.shape), 0, 255), np.uint8)

    return again


def _resized(factor: float) -> Callable[[Pixels, Random], Pixels]:
    """Resized by a factor."""

    def again(pixels: Pixels, _random: Random) -> Pixels:
        return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)

    return again


def _turned(pixels: Pixels, _random: Random) -> Pixels:
    height, width = pixels.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), 5.0, 1.0), np.float64)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _brighter(pixels: Pixels, _random: Random) -> Pixels:
    return np.asarray(np.clip(pixels * 1.15 + 5.0, 0, 255), np.uint8)


def _blurred(pixels: Pixels, _random: Random) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.2), np.uint8)


NEAR_REPEATS: dict[str, Callable[[Pixels, Random], Pixels]] = {
    "copy": lambda pixels, _random: pixels,
    "JPEG, quality 80": _encoded(80),
    "JPEG, quality 30": _encoded(30),
    "JPEG, quality 10": _encoded(10),
    "1 % cut off": _cropped(0.01, 0.0),
    "5 % cut off": _cropped(0.05, 0.0),
    "10 % cut off": _cropped(0.1, 0.0),
    "20 % cut off": _cropped(0.0, 0.2),
    "burst, still": _frame(1.5, 0.0, 4.0),
    "burst, moved": _frame(4.0, 2.0, 6.0),
    "5 % smaller": _resized(0.95),
    "10 % larger": _resized(1.1),
    "turned by 5 degrees": _turned,
    "brighter": _brighter,
    "blurred": _blurred,
    "noise of 15": _frame(0.0, 0.0, 15.0),
}
"""The changes that make a near repeat, by name."""
