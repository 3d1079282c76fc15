"""Determines which way up a print is: ridges arch towards the tip of the finger.

1. Compute `arch` of the print, and as it would be rotated by multiples of 30°; rotation by 180° negates it.
2. If the print arches downwards by at least 0.1, and no less than it arches when rotated by 90° or 270°, it is rotated
   by 180°. That is doubtful unless it then arches at least 1.5 times as much as on its side, and no rotation more than
   30° away arches more.
3. If it would arch by at least 0.25 more on its side than up or down, it is rotated by 90° or 270°, in doubt: a print
   that is turned by 30° may look like that too, and half of the prints on their sides do not.
4. A print of under 100 mm² is left as it is: too little of the ridge flow is visible.
5. A print that is left is in doubt if its flanks fall inwards by over 0.035 (`flanks`): ridges slope there in every
   pattern, while between them a plain arch is nearly level, and a whorl arches both ways.

Of 1,440 upright prints at 500 dpi these limits rotate none and leave 8 in doubt (by the arch instead of the flanks: 12,
docs/decisions/0072-fingerprint-quality.md). Smaller rotations need no correction: the comparator tolerates 60°
between two prints and, with more errors, 75°.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.fingerprint.extraction.segmentation import FingerArea

MIN_ARCH = 0.1
MIN_UPRIGHT_FLANKS = -0.035
FLANK_POWER = 3  # weight of a cell by its distance from the middle: chosen among 1 to 4
MIN_RATIO = 1.5
MIN_LYING_ARCH = 0.25
MIN_CELLS = 152  # of 16 × 16 px at 500 dpi: 100 mm²


@dataclass(frozen=True, slots=True)
class Pose:
    """The orientation of a print.

    Args:
        turned_degrees: by which to rotate it, counter-clockwise: 0, 90, 180 or 270.
        is_doubtful: whether that may be wrong.
    """

    turned_degrees: int = 0
    is_doubtful: bool = False


def arch(area: FingerArea, degrees: float = 0.0) -> float:
    """How much the ridges arch upwards, −1 to 1: they rise on the left of the finger's middle and fall on its right.

    The mean of sin(2 · direction along the ridges) · distance from the middle. An upright print has 0.1–0.5, one
    rotated by 90° about 0, an upside-down one the negative.

    Args:
        area: the finger.
        degrees: rotation, counter-clockwise, applied first.
    """
    return arch_of(area.mask, area.direction, degrees)


def arch_of(mask: NDArray[np.bool_], direction: NDArray[np.complex64], degrees: float = 0.0) -> float:
    """`arch` of cells of any size.

    Args:
        mask: bool, shape (rows, columns): the finger.
        direction: complex64, same shape: across the ridges, see spectra.Waves.
        degrees: rotation, counter-clockwise, applied first.
    """
    turn = -np.radians(degrees)
    rows, columns = np.nonzero(mask)
    across = columns * np.cos(turn) - rows * np.sin(turn)
    if not len(across) or np.ptp(across) < 1:
        return 0.0
    flow = (direction[mask] * np.exp(2j * turn)).imag
    return float(-np.mean((across - across.mean()) / across.std() * flow))


def flanks(area: FingerArea) -> float:
    """How steeply ridges rise towards the finger's middle, −1 to 1, weighted by the cube of the distance from it.

    The mean of sin(2 · direction along the ridges), counted positive where they rise inwards; 0 without a finger.
    """
    columns = np.nonzero(area.mask)[1]
    if not len(columns) or np.ptp(columns) < 1:
        return 0.0
    outwards = columns - columns.mean()
    weights = np.abs(outwards) ** FLANK_POWER
    return float(-np.average(np.sign(outwards) * area.direction[area.mask].imag, weights=weights))


def find_pose(area: FingerArea) -> Pose:
    """The orientation by steps 1 to 5 of the module."""
    if np.count_nonzero(area.mask) < MIN_CELLS:
        return Pose(is_doubtful=flanks(area) < MIN_UPRIGHT_FLANKS)
    arches = np.array([arch(area, degrees) for degrees in range(0, 360, 30)])
    upright, lying = arches[0], max(arches[3], arches[9])
    if -upright >= max(MIN_ARCH, lying):
        others = np.delete(arches, (5, 6, 7))
        is_clear = -upright >= MIN_RATIO * lying and arches[5:8].max() >= others.max()
        return Pose(180, is_doubtful=not is_clear)
    if lying >= MIN_LYING_ARCH + abs(upright):
        return Pose(90 if arches[3] >= arches[9] else 270, is_doubtful=True)
    return Pose(is_doubtful=flanks(area) < MIN_UPRIGHT_FLANKS)
