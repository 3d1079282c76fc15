"""Calibrating the mixtures' ratio for each pattern of what is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.mixture import Floats, patterns
from evaluation.logistic import fit_affine

ALL_PATTERNS_UP_TO = 5
"""Comparators: with more, only patterns that occur, those that lack one and those of one are calibrated."""

MOST_PATTERNS = 256
TAIL = 100
"""Non-mated rows that the tail's slope is estimated from."""

KNOTS = 48


def wanted_patterns(present: NDArray[np.bool_]) -> list[int]:
    """The patterns to be calibrated, the full one first.

    Args:
        present: of the mated rows, shape (n, d).
    """
    count = present.shape[1]
    full = (1 << count) - 1
    if count <= ALL_PATTERNS_UP_TO:
        return list(range(full, 0, -1))
    occurring = sorted(((rows.size, pattern) for pattern, rows in patterns(present) if pattern), reverse=True)
    lacking_one = [full & ~(1 << place) for place in range(count)]
    alone = [1 << place for place in range(count)]
    often = [pattern for _, pattern in occurring[:MOST_PATTERNS]]
    return list(dict.fromkeys((full, *lacking_one, *alone, *often)))


PRIOR_ROWS = 500
"""Mated rows that speak for taking the mixtures' ratio as it is: slope 1, offset 0."""


def affine(mated: Floats, non_mated: Floats) -> tuple[float, float]:
    """Slope and offset from a log10 ratio to a log10 LR, by logistic regression with equal priors.

    The slope hangs on the few mated rows that score low, so it is pulled to 1, and the offset to 0, as by 500 mated
    rows.
    """
    slope, offset = fit_affine(mated, non_mated)
    share = mated.size / (mated.size + PRIOR_ROWS)
    return 1.0 + share * (slope / np.log(10.0) - 1.0), share * offset / np.log(10.0)


def survival(llr: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Knots of log10 FMR over LLR.

    Down to the 100th highest the FMR is counted; above, it falls exponentially in the LLR as the mean excess of
    these 100 says (Hill's estimator). Both are on the cautious side by a standard error. It is never below 3/n.

    Args:
        llr: of non-mated rows, shape (n,), at least one.
    """
    count, tail = llr.size, min(TAIL, llr.size)
    falling = np.sort(llr)[::-1]
    ranks = np.unique(np.geomspace(tail, count, KNOTS).astype(np.int64))[::-1]
    start = falling[tail - 1]
    excess = float((falling[:tail] - start).mean()) * (1.0 + tail**-0.5) * np.log(10.0)
    lowest = np.log10(min(3.0, tail) / count)
    at = np.append(falling[ranks - 1], start + max(excess, 1e-9) * (np.log10((tail + tail**0.5) / count) - lowest))
    level = np.append(np.log10(np.minimum(ranks + np.sqrt(ranks), count) / count), lowest)
    kept = np.append(at[1:] > at[:-1], True)
    return tuple(at[kept].tolist()), tuple(level[kept].tolist())
