"""Calibrating the mixtures' density ratio for each pattern of present scores and qualities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.mixture import Floats, patterns
from evaluation.calibration.logistic import fit_affine

ALL_PATTERNS_UP_TO = 5
"""With more comparators than this, only patterns that occur, lack one comparator or have only one are calibrated."""

MOST_PATTERNS = 256
TAIL = 100
"""Number of highest non-mated rows that the tail's slope is estimated from."""

KNOTS, TAIL_KNOTS = 48, 12
"""Knots of the FMR curve where the FMR is counted, and in the tail above."""


def wanted_patterns(present: NDArray[np.bool_], count: int) -> list[int]:
    """The patterns to calibrate, each after all of its parts (subsets).

    Every pattern of scores comes without any quality and with all of its qualities; patterns with some of the
    qualities are added where they occur.

    Args:
        present: which cells of the mated rows are present, shape (n, d) of d scores, or (n, 2d) with their qualities.
        count: number d of comparators.
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
    """The patterns with most rows."""
    occurring = sorted(((rows.size, pattern) for pattern, rows in patterns(present) if pattern), reverse=True)
    return [pattern for _, pattern in occurring[:MOST_PATTERNS]]


PRIOR_ROWS = 500
"""Weight, in mated rows, of the prior that the mixtures' ratio needs no correction: slope 1, offset 0."""


def affine(mated: Floats, non_mated: Floats, mated_effective: float) -> tuple[float, float]:
    """Slope and offset from a log10 ratio to a log10 LR, by logistic regression with equal priors.

    The slope depends on the few mated rows that score low, so it is pulled to 1, and the offset to 0, with the weight
    of 500 mated rows. Example: 500 effective mated rows and a fitted slope of 0.8 give 1 + 0.5 · (0.8 − 1) = 0.9.

    Args:
        mated: log10 ratios of mated rows.
        non_mated: log10 ratios of non-mated rows.
        mated_effective: number of independent rows that the mated ones are worth.
    """
    slope, offset = fit_affine(mated, non_mated)
    share = mated_effective / (mated_effective + PRIOR_ROWS)
    return 1.0 + share * (slope / np.log(10.0) - 1.0), share * offset / np.log(10.0)


def survival(ratio: Floats, effective: float) -> tuple[Floats, Floats]:
    """Knots of log10 FMR over the log10 ratio, taken before LLRs are bounded: bounded ones have too short a tail.

    Up to the 100th highest ratio the FMR is counted; above, it falls exponentially with the ratio, at the rate given by
    the mean excess of these 100 (Hill's estimator). Count and mean excess are raised by one standard error, computed
    from the effective count. The FMR is never below 3 / effective.

    Example: 100,000 rows worth 50,000. 400 at or above a ratio count as 400 + √(2 · 400) = 428, an FMR of 4.3e-3; the
    lowest FMR is 3 / 50,000 = 6e-5.

    Args:
        ratio: of non-mated rows, shape (n,), at least one.
        effective: number of independent rows that they are worth, at most n.

    Returns:
        Ratios, ascending, and log10 FMR, falling; where ratios are equal, the first applies.
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
