"""Surfaces that fingers leave prints on: paper, ruled lines, printed text, wood. Made up, for studies and tests."""

from __future__ import annotations

from enum import Enum, auto
from string import ascii_letters

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

LINE_SHARE = 0.3  # of a ruled pattern's period that is ink


class Ground(Enum):
    """What a print lies on."""

    PLAIN = auto()
    PAPER = auto()
    LINES = auto()
    TEXT = auto()
    WOOD = auto()


def ground(kind: Ground, shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """A surface's pattern: float32, of this shape, standard deviation 1 (plain: 0), 500 px per inch."""
    if kind is Ground.PLAIN:
        return np.zeros(shape, np.float32)
    made = {Ground.PAPER: _paper, Ground.LINES: _lines, Ground.TEXT: _text, Ground.WOOD: _wood}[kind](shape, rng)
    return np.asarray((made - made.mean()) / max(float(made.std()), 1e-6), np.float32)


def patches(shape: tuple[int, int], size_px: float, rng: np.random.Generator) -> Plane:
    """Smooth noise whose patches are about this large: float32, mean 0, standard deviation about 1."""
    small = max(2, round(shape[0] / size_px) + 1), max(2, round(shape[1] / size_px) + 1)
    noise = rng.standard_normal(small, np.float32)
    return np.asarray(cv2.resize(noise, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _paper(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Grain, and fibres in all directions."""
    made = patches(shape, 24.0, rng) + patches(shape, 3.0, rng)
    for turn in rng.uniform(0, np.pi, 3):
        grain, kernel = rng.standard_normal(shape, np.float32), stroke(int(rng.integers(11, 31)), turn)
        fibres = np.asarray(cv2.filter2D(grain, -1, kernel), np.float32)
        made += fibres / max(float(fibres.std()), 1e-6)
    return made


def _lines(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Parallel lines, as on forms, cheques and halftone prints: 5–40 px apart, of any direction."""
    period, turn = float(np.exp(rng.uniform(np.log(5.0), np.log(40.0)))), rng.uniform(0, np.pi)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    phase = (x * np.cos(turn) + y * np.sin(turn)) / period % 1.0
    return np.asarray(cv2.GaussianBlur((phase > LINE_SHARE).astype(np.float32), (0, 0), 0.8), np.float32)


def _text(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Lines of letters of 2–5 mm, dark on light, at a slant."""
    page, size = np.full((2 * max(shape), 2 * max(shape)), 255, np.uint8), rng.uniform(1.2, 3.2)
    for below in range(40, page.shape[0], round(34 * size)):
        letters = "".join(rng.choice(list(ascii_letters + "   "), 60))
        cv2.putText(page, letters, (0, below), cv2.FONT_HERSHEY_TRIPLEX, size, 0, round(1.5 * size), cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), rng.uniform(-25, 25), 1.0)
    turned = cv2.warpAffine(page, turn, page.shape[::-1], borderValue=255)
    top, left = (page.shape[0] - shape[0]) // 2, (page.shape[1] - shape[1]) // 2
    return np.asarray(turned[top : top + shape[0], left : left + shape[1]], np.float32)


def _wood(shape: tuple[int, int], rng: np.random.Generator) -> Plane:
    """Year rings cut lengthwise, nearly parallel and 12–40 px apart, with fine pores along them."""
    turn, period = rng.uniform(0, np.pi), rng.uniform(12.0, 40.0)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    across = x * np.cos(turn) + y * np.sin(turn) + 10 * patches(shape, 120.0, rng)
    rings = np.sin(2 * np.pi * across / period)
    pores = cv2.filter2D(rng.standard_normal(shape, np.float32), -1, stroke(41, turn + np.pi / 2))
    return np.asarray(rings + 0.8 * pores / max(float(pores.std()), 1e-6), np.float32)


def stroke(length_px: int, radians: float) -> Plane:
    """A kernel that blurs along a line of this length in this direction (from +x towards +y): its sum is 1."""
    side = max(1, length_px) | 1
    kernel, middle = np.zeros((side, side), np.float32), side // 2
    off = np.array([np.cos(radians), np.sin(radians)]) * (length_px / 2)
    first, last = (tuple(round(float(middle + sign * each)) for each in off) for sign in (-1, 1))
    cv2.line(kernel, first, last, 1.0, 1, cv2.LINE_AA)
    return kernel / max(float(kernel.sum()), 1e-6)
