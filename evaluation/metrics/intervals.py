"""Confidence limits of a rate from independent trials, which may be effective ones (Clopper, Pearson 1934)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

LEVEL = 0.95
"""Coverage of every interval that does not state another."""
TINY = 1e-9
"""Errors or other trials below count as none: they are what rounding leaves of a rate times a number of trials."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval of a rate, 0–1, or of a quotient of rates."""

    low: float
    high: float


def rate_limits(rate: ArrayLike, trials: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Lower and upper limit of a rate that was seen in so many independent trials, half of the rest at each end.

    Args:
        rate: 0–1.
        trials: above 0, of the same shape; fractions of trials are taken as they are (Korn, Graubard 1998).
        level: coverage of the interval, 0–1.
    """
    number = np.asarray(trials, np.float64)
    errors = np.asarray(rate, np.float64) * number
    tail = (1.0 - level) / 2.0
    low = np.where(errors > 0.0, stats.beta.ppf(tail, np.maximum(errors, TINY), number - errors + 1.0), 0.0)
    return low, upper_limit(errors, number, 1.0 - tail)


def upper_limit(errors: ArrayLike, trials: ArrayLike, share: float) -> Floats:
    """Upper limit of a rate, 0–1, that is below the true one in at most 1 − `share` of all sets of trials.

    Args:
        errors: 0 to `trials`; fractions are taken as they are.
        trials: above 0, of the same shape.
        share: 0–1, exclusive.
    """
    seen, number = np.asarray(errors, np.float64), np.asarray(trials, np.float64)
    left = number - seen
    return np.asarray(np.where(left > TINY, stats.beta.ppf(share, seen + 1.0, np.maximum(left, TINY)), 1.0))
