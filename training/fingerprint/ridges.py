"""Grows ridge patterns: a flow with cores and deltas, along which noise is filtered until it is ridges.

Flow: Sherlock and Monro, "A model for interpreting fingerprint topology" (Pattern Recognition, 1993), with smooth
disturbances. Ridges: repeated filters along the flow, as in Cappelli, Maio, Maltoni, "Synthetic fingerprint-database
generation" (ICPR 2002). Where ridges do not fit together they end or fork, so minutiae arise by themselves.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from rendering.grounds import Plane, patches

SIDE_PX = 224  # at 250 dpi: 23 mm
DIRECTIONS = 16
PERIOD_PX = (3.7, 5.5)  # at 250 dpi; at 500 dpi 7.4–11
ROUNDS = (12, 22)
FILTER_PX = 13
SLENDERNESS_PX = 2.6  # σ of a filter's envelope

Points = list[NDArray[np.float64]]


def ridges(rng: np.random.Generator) -> Plane:
    """A ridge pattern: float32, shape (224, 224), −1 valleys to 1 ridges, 250 dpi."""
    grown = _grown(_flow(rng), float(rng.uniform(*PERIOD_PX)), rng)
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float32)
    away = [rng.uniform(0, 3.5) * patches(grown.shape, 60.0, rng) for _ in range(2)]  # ridges are not equally wide
    return np.asarray(cv2.remap(grown, x + away[0], y + away[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))


def _flow(rng: np.random.Generator) -> Plane:
    """Direction of the ridges, radians modulo π, from +x towards +y."""
    shape = (SIDE_PX, SIDE_PX)
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float32)
    middle = np.array([SIDE_PX / 2, 0.42 * SIDE_PX]) + rng.normal(0, 12, 2)
    kind = rng.choice(4, p=(0.1, 0.55, 0.25, 0.1))
    if kind == 0:
        height = np.exp(-(((y - middle[1] - 30) / (0.35 * SIDE_PX)) ** 2))
        bend = np.sin((x - middle[0]) / SIDE_PX * 2 * np.pi * 0.7)
        direction = np.arctan(-rng.uniform(0.3, 1.2) * bend * height).astype(np.float32)
    else:
        cores, deltas = _singularities(kind, middle, rng)
        direction = np.zeros(shape, np.float32)
        for at, sign in [*((core, 0.5) for core in cores), *((delta, -0.5) for delta in deltas)]:
            direction += sign * np.arctan2(y - at[1], x - at[0]).astype(np.float32)
    direction = direction + 0.15 * patches(shape, 90.0, rng)
    turn = float(rng.normal(0, 0.15))
    motion = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), np.degrees(turn), 1.0)
    turned = [cv2.warpAffine(f(2 * direction), motion, shape, borderMode=cv2.BORDER_REFLECT) for f in (np.cos, np.sin)]
    return np.asarray(0.5 * np.arctan2(turned[1], turned[0]) - turn, np.float32)


def _singularities(kind: int, middle: NDArray[np.float64], rng: np.random.Generator) -> tuple[Points, Points]:
    """Cores and deltas of a loop (1), a whorl (2) or a double loop (3)."""

    def below(side: int) -> NDArray[np.float64]:
        return np.asarray(middle + np.array((side * rng.uniform(40, 95), rng.uniform(50, 105))))

    if kind == 1:
        return [middle], [below(int(rng.choice((-1, 1))))]
    apart, off = rng.uniform(8, 30), rng.normal(0, 6)
    half = np.array((off, -apart / 2)) if kind == 2 else np.array((-apart / 2, -8.0))
    return [middle + half, middle - half], [below(-1), below(1)]


def _grown(flow: Plane, period_px: float, rng: np.random.Generator) -> Plane:
    """Noise or spots, filtered along the flow again and again."""
    shape = (SIDE_PX, SIDE_PX)
    made = rng.normal(0, 0.3, shape).astype(np.float32)
    if rng.random() < 0.7:
        made *= 0.2
        made[rng.random(shape) < rng.uniform(0.002, 0.02)] = 1
        made = np.asarray(cv2.GaussianBlur(made, (3, 3), 0), np.float32)
    number = np.rint(np.mod(flow, np.pi) / np.pi * DIRECTIONS).astype(int) % DIRECTIONS
    there = [(turn, number == turn) for turn in range(DIRECTIONS) if (number == turn).any()]
    filters = [_filter(np.pi * turn / DIRECTIONS, period_px) for turn in range(DIRECTIONS)]
    for _ in range(int(rng.integers(*ROUNDS))):
        following = np.zeros_like(made)
        for turn, cells in there:
            answer = cv2.filter2D(made, -1, filters[turn], borderType=cv2.BORDER_REFLECT)
            following[cells] = answer[cells]
        made = np.clip(3 * following, -1, 1)
    return made


def _filter(radians: float, period_px: float) -> Plane:
    """A Gabor filter across ridges of this direction: its sum is 0, the sum of its magnitudes 1."""
    at = np.arange(FILTER_PX) - FILTER_PX // 2
    x, y = np.meshgrid(at, at)
    across = y * np.cos(radians) - x * np.sin(radians)
    made = np.exp(-(x**2 + y**2) / (2 * SLENDERNESS_PX**2)) * np.cos(2 * np.pi * across / period_px)
    made -= made.mean()
    return np.asarray(made / np.abs(made).sum(), np.float32)
