"""Composes the image of a slap from single prints: fingers side by side on an arc, with what lies below the creases.

No set of slaps is free to use, so studies and tests make their own, with the truth known to a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from rendering.finger_inks import Ink, distal, phalanx

Gray = NDArray[np.uint8]
DPI = 500.0
SIZE_PX = (1500, 1600)
"""Height and width of the usual platen, 3.0 × 3.2 inches, at 500 dpi (EBTS, appendix F)."""

RIGHT_TIPS = (0.62, 0.0, 0.37, 1.70)
"""How far below that of the middle finger the tips of the right index to little finger lie, in widths of a finger."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How fingers lie on the platen.

    Args:
        tips: of each finger from left to right, how far its tip lies below the highest, in widths of a finger.
        gaps_px: between neighbours at their widest; negative: they press on each other.
        degrees: rotation of the hand, clockwise as seen.
        fan_degrees: between the axes of neighbours.
        phalanges: further ones shown below the crease of each finger: 0–2.
        crease_px: height of the band without ridges between phalanges.
        ground: grey level of the empty platen.
        contrast: grey levels between the platen and ridges.
        noise: standard deviation, grey levels.
        smudges: dark areas without ridges, anywhere.
        scratches: dark lines, anywhere.
    """

    tips: tuple[float, ...]
    gaps_px: tuple[int, ...]
    degrees: float = 0.0
    fan_degrees: float = 0.0
    phalanges: int = 1
    crease_px: int = 16
    ground: int = 235
    contrast: int = 170
    noise: float = 3.0
    smudges: int = 0
    scratches: int = 0


@dataclass(frozen=True, slots=True)
class MadeSlap:
    """A composed image and the truth.

    Args:
        gray: uint8, shape (height, width), 500 dpi.
        labels: uint8, same shape: n on the tip of the n-th finger from the left, 100 + n on its lower phalanges.
        maps: per finger float64, shape (2, 3): px of the print's own image → px of the slap.
    """

    gray: Gray = field(repr=False)
    labels: Gray = field(repr=False)
    maps: tuple[NDArray[np.float64], ...] = field(repr=False)


def compose(prints: Sequence[Gray], plan: Plan, rng: np.random.Generator) -> MadeSlap:
    """Lay prints side by side.

    Args:
        prints: 500 dpi, dark ridges, of the fingers from left to right; one for each of the plan's tips.
        plan: how they lie.
        rng: draws the noise and which part of a print serves as a lower phalanx.
    """
    inks = [distal(gray) for gray in prints]
    ink, labels = np.zeros(SIZE_PX, np.float32), np.zeros(SIZE_PX, np.uint8)
    maps = _laid(inks, plan)
    for number, (each, placed) in enumerate(zip(inks, maps, strict=True), 1):
        top = each.amount.shape[0]
        for _ in range(plan.phalanges):
            lower = phalanx(inks[int(rng.integers(len(inks)))], each.amount.shape[1])
            top += plan.crease_px
            _draw(ink, labels, lower, _moved(placed, 0.04 * each.amount.shape[1], top), 100 + number)
            top += lower.amount.shape[0]
        _draw(ink, labels, each, placed, number)
    gray = plan.ground - plan.contrast * np.maximum(ink, _dirt(plan, rng))
    noisy = gray + rng.normal(0, plan.noise, gray.shape)
    whole = [_moved(placed, -each.left, -each.top) for each, placed in zip(inks, maps, strict=True)]
    return MadeSlap(np.clip(noisy, 0, 255).astype(np.uint8), labels, tuple(whole))


def _laid(inks: Sequence[Ink], plan: Plan) -> list[NDArray[np.float64]]:
    """Where each ink lies: its px → px of the slap, turned about the middle of the platen."""
    widths = np.array([each.amount.shape[1] for each in inks], np.float64)
    lefts = np.concatenate([[0.0], np.cumsum(widths[:-1] + np.array(plan.gaps_px, np.float64)[: len(inks) - 1])])
    lefts -= (lefts[-1] + widths[-1]) / 2
    tips = np.array(plan.tips) * widths.mean()
    bottoms = tips + [each.amount.shape[0] * (1 + 0.9 * plan.phalanges) for each in inks]
    middle = (tips.min() + bottoms.max()) / 2
    maps = []
    for number, (left, tip, width, bottom) in enumerate(zip(lefts, tips, widths, bottoms, strict=True)):
        lean = plan.fan_degrees * (number - (len(inks) - 1) / 2)
        own = _turn(lean, (left + width / 2, bottom)) @ _whole(np.array([[1, 0, left], [0, 1, tip]]))
        shift = _whole(np.array([[1, 0, SIZE_PX[1] / 2], [0, 1, SIZE_PX[0] / 2 - middle]]))
        hand = _turn(plan.degrees, (SIZE_PX[1] / 2, SIZE_PX[0] / 2))
        maps.append((hand @ shift @ own)[:2])
    return maps


def _turn(degrees: float, about: tuple[float, float]) -> NDArray[np.float64]:
    return _whole(cv2.getRotationMatrix2D(about, -degrees, 1.0))


def _whole(placed: NDArray[np.number]) -> NDArray[np.float64]:
    return np.vstack([placed, [0.0, 0.0, 1.0]])


def _moved(placed: NDArray[np.float64], x: float, y: float) -> NDArray[np.float64]:
    """The map of something that lies at (x, y) in what `placed` maps."""
    return np.asarray(placed @ _whole(np.array([[1.0, 0.0, x], [0.0, 1.0, y]])))


def _draw(ink: NDArray[np.float32], labels: Gray, what: Ink, placed: NDArray[np.float64], label: int) -> None:
    size = (ink.shape[1], ink.shape[0])
    np.maximum(ink, cv2.warpAffine(what.amount, placed, size, flags=cv2.INTER_CUBIC), out=ink)
    labels[cv2.warpAffine(what.inside.astype(np.uint8), placed, size, flags=cv2.INTER_NEAREST) > 0] = label


def _dirt(plan: Plan, rng: np.random.Generator) -> NDArray[np.float32]:
    """Amount of dirt, 0–1: blurred ellipses and thin lines."""
    dirt = np.zeros(SIZE_PX, np.float32)
    for _ in range(plan.smudges):
        middle = tuple(int(v) for v in rng.integers(200, 1300, 2))
        axes = tuple(int(v) for v in rng.integers(15, 60, 2))
        cv2.ellipse(dirt, middle, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.3, 0.8)), -1)
    dirt = np.asarray(cv2.GaussianBlur(dirt, (0, 0), 9.0), np.float32)
    for _ in range(plan.scratches):
        ends = rng.integers(0, 1500, 4)
        cv2.line(dirt, (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3])), 0.6, 2)
    return dirt
