"""Observed FMR of a fused LLR: the rates observed by the calibrations, convolved over the compared positions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.score_calibration import Calibration

STEP = 0.02
"""LLRs are rounded up to multiples of this, so that no rate is underestimated."""

Floats = NDArray[np.float64]
Chance = tuple[Calibration, int]
"""A calibration, and the number of comparisons that the score is the best of."""


def observed_fmr(chances: Sequence[Chance], llr: float) -> float:
    """Share of non-mated pairs whose LLRs sum up to `llr` or more.

    1. Each calibration's FMR curve gives the distribution of its non-mated LLR. For the best of k comparisons the rate
       is at most k times as high (union bound) and the LLR log10(k) lower.
    2. The distribution of the sum is the convolution of these, which takes the positions of a non-mated pair as
       independent.

    Args:
        chances: one for each compared position, at least one.
        llr: the sum of their LLRs.

    Returns:
        From the lowest FMR that any of the calibrations claims, to 1.
    """
    start, survival = _survival(tuple(chances))
    place = min(max(0, floor(llr / STEP + 1e-6) - start), len(survival) - 1)
    lowest = min([calibration.lowest_fmr for calibration, _ in chances])
    return min(1.0, max(lowest, float(survival[place])))


@lru_cache(256)
def _survival(chances: tuple[Chance, ...]) -> tuple[int, Floats]:
    """Survival function of the sum: the first step, and from there for each STEP the share of pairs at or above it."""
    start, mass = 0, np.ones(1)
    for chance in chances:
        own_start, own_mass = _distribution(*chance)
        start, mass = start + own_start, np.convolve(mass, own_mass)
    return start, np.cumsum(mass[::-1])[::-1]


def _distribution(calibration: Calibration, count: int) -> tuple[int, Floats]:
    """Distribution of the non-mated LLR: the first step, and the share of non-mated comparisons at each STEP from it.

    LLRs are rounded up, and all comparisons between two knots of the FMR curve are placed at the upper one.
    """
    knots = np.asarray(calibration.fmr_scores)
    above = np.minimum(1.0, count * calibration.fmr(knots))
    share = -np.diff(above, prepend=1.0, append=0.0)
    llr = np.append(calibration.llr(knots), calibration.llr_max) - log10(count)
    steps = np.ceil(llr / STEP - 1e-6).astype(np.int64)
    return int(steps[0]), np.bincount(steps - steps[0], share).astype(np.float64)
