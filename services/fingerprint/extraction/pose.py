"""Which way up a print is: its ridges arch towards the tip of the finger.

1. `arch` of the print as it is, and as it would be turned by other angles; turned by 180° it is the negative.
2. The print is turned by 180° where it then arches by 0.1 or more, and by no less than on its side. That is in doubt
   unless it arches 1.5 times as much as on its side, and no turn of twelve that is over 30° off makes it arch more.
3. It is left, in doubt, where it would arch by 0.25 more on its side than it does one way or the other as it is.
4. A print of under 100 mm² is left as it is: too little of the finger's flow is seen.
5. What is left is in doubt, too, where it arches downwards by over 0.02.

Of 1,440 upright prints at 500 dpi none is turned by these limits, and 12 are in doubt: plain arches arch little
(docs/decisions/0019-print-scale-and-pose.md). What lies between needs no turning: the comparator bears 60° and, with
more errors, 75° between two prints.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.fingerprint.extraction.segmentation import FingerArea

MIN_ARCH = 0.1
MIN_UPRIGHT_ARCH = -0.02
MIN_RATIO = 1.5
MIN_LYING_ARCH = 0.25
MIN_CELLS = 152  # of 16 × 16 px at 500 dpi: 100 mm²


@dataclass(frozen=True, slots=True)
class Pose:
    """How a print lies.

    Args:
        is_upside_down: whether it is to be turned by 180°.
        is_doubtful: whether it may lie otherwise all the same.
    """

    is_upside_down: bool = False
    is_doubtful: bool = False


def arch(area: FingerArea, degrees: float = 0.0) -> float:
    """How much the ridges arch upwards, −1 to 1: they rise to the left of the finger's middle and fall to its right.

    Measured as the mean of sin(2 · direction along the ridges) · distance from the middle. An upright print
    has 0.1–0.5, one turned by 90° about 0, and one that stands upside down the negative of it.

    Args:
        area: the finger.
        degrees: by which it is turned counter-clockwise first.
    """
    turn = -np.radians(degrees)
    rows, columns = np.nonzero(area.mask)
    across = columns * np.cos(turn) - rows * np.sin(turn)
    if not len(across) or np.ptp(across) < 1:
        return 0.0
    flow = (area.direction[area.mask] * np.exp(2j * turn)).imag
    return float(-np.mean((across - across.mean()) / across.std() * flow))


def find_pose(area: FingerArea) -> Pose:
    """Steps 1 to 5."""
    if np.count_nonzero(area.mask) < MIN_CELLS:
        return Pose(is_doubtful=arch(area) < MIN_UPRIGHT_ARCH)
    arches = np.array([arch(area, degrees) for degrees in range(0, 360, 30)])
    upright, lying = arches[0], max(arches[3], arches[9])
    if -upright >= max(MIN_ARCH, lying):
        others = np.delete(arches, (5, 6, 7))
        is_clear = -upright >= MIN_RATIO * lying and arches[5:8].max() >= others.max()
        return Pose(is_upside_down=True, is_doubtful=not is_clear)
    return Pose(is_doubtful=bool(upright < MIN_UPRIGHT_ARCH or lying >= MIN_LYING_ARCH + abs(upright)))
