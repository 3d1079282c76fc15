"""How often non-mated comparisons reached a fused LLR: the rates that the calibrations observed, put together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.score_calibration import Calibration

STEP = 0.02
"""LLRs are rounded up to multiples of this, so that no rate comes out too low."""

Floats = NDArray[np.float64]
Chance = tuple[Calibration, int]
"""A calibration, and how many comparisons the best of is taken."""


def observed_fmr(chances: Sequence[Chance], llr: float) -> float:
    """Share of non-mated pairs whose LLRs sum up to `llr` or more, from the lowest that any calibration claims to 1.

    1. Each calibration's survival curve of non-mated scores gives a distribution of its LLR; of the best of k, k times
       the rate at most (union bound) and log10(k) less.
    2. The distribution of the sum is their convolution, as if the positions of non-mated comparisons were independent.

    Args:
        chances: of what was compared, at least one.
        llr: their sum.
    """
    start, survival = _survival(tuple(chances))
    place = min(max(0, floor(llr / STEP + 1e-6) - start), len(survival) - 1)
    lowest = min([calibration.lowest_fmr for calibration, _ in chances])
    return min(1.0, max(lowest, float(survival[place])))


@lru_cache(256)
def _survival(chances: tuple[Chance, ...]) -> tuple[int, Floats]:
    """The sum's survival function: at `start` and each STEP from there, the share of non-mated pairs at or above."""
    start, mass = 0, np.ones(1)
    for chance in chances:
        own_start, own_mass = _distribution(*chance)
        start, mass = start + own_start, np.convolve(mass, own_mass)
    return start, np.cumsum(mass[::-1])[::-1]


def _distribution(calibration: Calibration, count: int) -> tuple[int, Floats]:
    """The non-mated LLR in steps, rounded up: the first step, and the share of non-mated comparisons at each.

    Between two knots of the survival curve all are taken to be at the upper one.
    """
    knots = np.asarray(calibration.fmr_scores)
    above = np.minimum(1.0, count * calibration.fmr(knots))
    share = -np.diff(above, prepend=1.0, append=0.0)
    llr = np.append(calibration.llr(knots), calibration.llr_max) - log10(count)
    steps = np.ceil(llr / STEP - 1e-6).astype(np.int64)
    return int(steps[0]), np.bincount(steps - steps[0], share).astype(np.float64)
