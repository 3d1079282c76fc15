"""Calibrating the mixtures' ratio for each pattern of what is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.mixture import Floats, patterns
from evaluation.calibration.logistic import fit_affine

ALL_PATTERNS_UP_TO = 5
"""Comparators: with more, only patterns that occur, those that lack one and those of one are calibrated."""

MOST_PATTERNS = 256
TAIL = 100
"""Non-mated rows that the tail's slope is estimated from."""

KNOTS, TAIL_KNOTS = 48, 12
"""Of the FMR where it is counted, and above."""


def wanted_patterns(present: NDArray[np.bool_], count: int) -> list[int]:
    """The patterns to be calibrated, a part before what it is a part of.

    Of each pattern of scores one without any quality and one with all, and such as occur.

    Args:
        present: of the mated rows, shape (n, d) of d scores, or (n, 2d) with their qualities.
        count: d.
    """
    scores, occurring = _wanted_scores(present[:, :count]), _occurring(present)
    wanted = {*scores, *occurring} if present.shape[1] > count else set(scores)
    if present.shape[1] > count:
        wanted |= {each | each << count for each in scores}
    return sorted(wanted, key=lambda each: (each.bit_count(), each))


def _wanted_scores(present: NDArray[np.bool_]) -> list[int]:
    count = present.shape[1]
    full = (1 << count) - 1
    if count <= ALL_PATTERNS_UP_TO:
        return list(range(1, full + 1))
    lacking_one = [full & ~(1 << place) for place in range(count)]
    alone = [1 << place for place in range(count)]
    return [full, *lacking_one, *alone, *_occurring(present)]


def _occurring(present: NDArray[np.bool_]) -> list[int]:
    """Those of most rows."""
    occurring = sorted(((rows.size, pattern) for pattern, rows in patterns(present) if pattern), reverse=True)
    return [pattern for _, pattern in occurring[:MOST_PATTERNS]]


PRIOR_ROWS = 500
"""Mated rows that speak for taking the mixtures' ratio as it is: slope 1, offset 0."""


def affine(mated: Floats, non_mated: Floats, mated_effective: float) -> tuple[float, float]:
    """Slope and offset from a log10 ratio to a log10 LR, by logistic regression with equal priors.

    The slope hangs on the few mated rows that score low, so it is pulled to 1, and the offset to 0, as by 500 mated
    rows.

    Args:
        mated: ratios of mated rows.
        non_mated: of the others.
        mated_effective: how many independent rows the mated ones are worth.
    """
    slope, offset = fit_affine(mated, non_mated)
    share = mated_effective / (mated_effective + PRIOR_ROWS)
    return 1.0 + share * (slope / np.log(10.0) - 1.0), share * offset / np.log(10.0)


def survival(ratio: Floats, effective: float) -> tuple[Floats, Floats]:
    """Knots of log10 FMR over a log10 ratio, before any bound: a bound would make the tail look shorter than it is.

    Down to the 100th highest the FMR is counted; above, it falls exponentially in the ratio as the mean excess of
    these 100 says (Hill's estimator). Both are on the cautious side by a standard error, as rows that are worth fewer
    have it. It is never below 3 in as many.

    Args:
        ratio: of non-mated rows, shape (n,), at least one.
        effective: how many independent rows they are worth, at most n.

    Returns:
        Ratios, ascending, and log10 FMR, falling; of equal ratios the first one holds.
    """
    count, tail, design = ratio.size, min(TAIL, ratio.size), ratio.size / effective
    falling = np.sort(ratio)[::-1]
    ranks = np.unique(np.geomspace(tail, count, KNOTS).astype(np.int64))[::-1]
    start = falling[tail - 1]
    excess = float((falling[:tail] - start).mean()) * (1.0 + (design / tail) ** 0.5) * np.log(10.0)
    reached = count - np.searchsorted(falling[::-1], falling[ranks - 1])
    counted = np.log10(np.minimum(reached + np.sqrt(design * reached), count) / count)
    lowest = np.log10(min(1.0, 3.0 / effective))
    steps = np.arange(1, TAIL_KNOTS + 1) / TAIL_KNOTS * max(0.0, counted[-1] - lowest)
    at = np.concatenate((falling[ranks - 1], start + max(excess, 1e-9) * steps))
    return at, np.concatenate((np.maximum(counted, lowest), np.maximum(counted[-1] - steps, lowest)))
