"""Which way up a print is: its ridges arch towards the tip of the finger.

1. `arch` of the print as it is, and as it would be turned by a quarter, a half and three quarters.
2. Turned by a half where it then arches by 0.1 or more.
3. Turned by a quarter where it then arches by 0.25 more than it does one way or the other as it is.
4. A print of under 100 mm² is left as it is: too little of the finger's flow is seen.

No upright print of 1,440 at 500 dpi is turned by these limits (docs/decisions/0019-print-scale-and-pose.md). What lies
between needs no turning: the comparator bears 60° and, with more errors, 75° between two prints.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.fingerprint.segmentation import FingerArea

HALF_TURN_ARCH = 0.1
QUARTER_TURN_ARCH = 0.25
MIN_CELLS = 152  # of 16 × 16 px at 500 dpi: 100 mm²


def arch(area: FingerArea, quarter_turns: int = 0) -> float:
    """How much the ridges arch upwards, −1 to 1: they rise to the left of the finger's middle and fall to its right.

    Measured as the mean of sin(2 · direction along the ridges) · distance from the middle. An upright print
    has 0.1–0.5, one turned by 90° about 0, and one that stands upside down the negative of it.

    Args:
        area: the finger.
        quarter_turns: by which it is turned counter-clockwise first.
    """
    rows, columns = np.nonzero(area.mask)
    across = _across(rows, columns, quarter_turns).astype(np.float64)
    if np.unique(across).size < 2:
        return 0.0
    flow = area.direction[area.mask].imag * (-1) ** quarter_turns
    return float(-np.mean((across - across.mean()) / across.std() * flow))


def quarter_turns(area: FingerArea) -> int:
    """How many quarter turns counter-clockwise, 0–3, bring a print upright as far as it shows clearly."""
    if np.count_nonzero(area.mask) < MIN_CELLS:
        return 0
    upright, left, _, right = (arch(area, turns) for turns in range(4))
    if max(left, right) >= QUARTER_TURN_ARCH + abs(upright):
        return 1 if left > right else 3
    return 2 if upright <= -HALF_TURN_ARCH else 0


def _across(rows: NDArray[np.intp], columns: NDArray[np.intp], quarter_turns: int) -> NDArray[np.intp]:
    """The distance from left to right after the turns, from anywhere."""
    return (columns, rows, -columns, -rows)[quarter_turns]
