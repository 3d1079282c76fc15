"""Which fingers they are, by how high their tips lie.

The middle finger is the longest and the little finger by far the shortest; so the tips of four fingers lie on an arc
that tells the hands apart. Tips are compared with the usual arc up to a shift (any), an error of the hand's direction
(6°), more or less bent fingers (an arc of 0.7–1.3 of the usual height) and 0.3 widths of a finger for each tip. A gap
as wide as a finger says that one is absent there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.slap import LEFT_TO_RIGHT
from biometrics.template import Position

USUAL_DEPTH = {"INDEX": 0.62, "MIDDLE": 0.0, "RING": 0.37, "LITTLE": 1.7}
"""How far a tip lies below that of the middle finger, in widths of a finger of 16 mm: 10, 0, 6 and 27 mm."""
TIP_SD, TURN_SD, BEND_SD, SHIFT_SD = 0.3, 0.1, 0.3, 10.0
SPACING, SPACING_SD = 1.1, 0.3
"""Between the middles of neighbours, in widths of a finger."""


def log_likelihood(positions: Sequence[Position], across: NDArray[np.float64], depth: NDArray[np.float64]) -> float:
    """How well tips fit fingers, as a log density.

    Args:
        positions: of four-finger slaps, from left to right.
        across: x of each tip in the upright hand, in widths of a finger.
        depth: y of each tip, likewise.
    """
    usual = np.array([USUAL_DEPTH[position.split("_")[1]] for position in positions])
    beside = across - across.mean()
    covariance = (
        TIP_SD**2 * np.eye(len(usual))
        + TURN_SD**2 * np.outer(beside, beside)
        + BEND_SD**2 * np.outer(usual, usual)
        + SHIFT_SD**2
    )
    off = depth - usual
    _, log_determinant = np.linalg.slogdet(covariance)
    gaps = _unexplained_gaps(positions, across)
    return float(-0.5 * (off @ np.linalg.solve(covariance, off) + log_determinant + gaps @ gaps))


def _unexplained_gaps(positions: Sequence[Position], across: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much neighbours stand further apart than the fingers between them explain, in standard deviations.

    An absent finger may leave a gap or not, so fingers that stand closer are no sign.
    """
    order = next(each for each in LEFT_TO_RIGHT.values() if positions[0] in each)
    steps = np.diff([order.index(each) for each in positions])
    return np.asarray(np.maximum(np.diff(across) - SPACING * steps, 0) / SPACING_SD)
