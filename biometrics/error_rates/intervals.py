"""Clopper–Pearson confidence limits of a rate (1934), also from an effective number of trials.

The quantiles of the beta and of Student's distribution are found by Halley's method on the incomplete beta function's
continued fraction (Press et al., Numerical Recipes, 3rd edition, 6.4 and 6.14).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import lgamma

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
"""Coverage of confidence intervals unless another is given."""

TINY = 1e-300
ITERATIONS = 12
"""Most steps of Halley's method."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval of a rate, 0–1, or of a quotient of rates."""

    low: float
    high: float


def rate_limits(rate: ArrayLike, trials: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Lower and upper confidence limit of a rate observed in a number of independent trials.

    For comparisons that are not independent, give their effective number. Example, an observed rate of 1 % at 95 %:

        10 errors in 1,000 independent comparisons           0.48 % to 1.83 %
        the same comparisons, worth 200 independent ones     0.12 % to 3.57 %

    Args:
        rate: observed rate, 0–1.
        trials: number of trials, above 0, same shape; may be a fraction (Korn, Graubard 1998).
        level: coverage, 0–1; half of the rest is left out at each end.
    """
    number = np.asarray(trials, np.float64)
    errors = np.asarray(rate, np.float64) * number
    tail = (1.0 - level) / 2.0
    low = np.where(errors > 0.0, beta_quantile(tail, np.maximum(errors, 1e-9), number - errors + 1.0), 0.0)
    left = number - errors
    high = np.where(left > 1e-9, beta_quantile(1.0 - tail, errors + 1.0, np.maximum(left, 1e-9)), 1.0)
    return low, high


@lru_cache(maxsize=256)
def student_quantile(freedom: float, level: float = LEVEL) -> float:
    """Two-sided quantile of Student's t with `freedom` degrees of freedom: |t| is below it with probability `level`."""
    share = float(beta_quantile(1.0 - level, freedom / 2.0, 0.5))
    return float(np.sqrt(freedom * (1.0 - share) / share))


def beta_quantile(share: float, first: ArrayLike, second: ArrayLike) -> Floats:
    """Quantile of the beta distribution: the value below which `share` (0–1, exclusive) of it lies.

    Args:
        share: probability.
        first: parameter a, above 0.
        second: parameter b, above 0, in a shape that broadcasts.
    """
    a, b = np.broadcast_arrays(np.asarray(first, np.float64), np.asarray(second, np.float64))
    beta = _log_beta(a, b)
    value = np.clip(_start(share, a, b), TINY, 1.0 - 1e-16)
    for _ in range(ITERATIONS):
        density = np.exp((a - 1.0) * np.log(value) + (b - 1.0) * np.log1p(-value) - beta)
        step = (_incomplete_beta(a, b, value, beta) - share) / np.maximum(density, TINY)
        step /= 1.0 - 0.5 * np.minimum(1.0, step * ((a - 1.0) / value - (b - 1.0) / (1.0 - value)))
        moved = value - step
        moved = np.where(moved <= 0.0, 0.5 * value, np.where(moved >= 1.0, 0.5 * (value + 1.0), moved))
        still = np.abs(moved - value) <= 1e-11 * value
        value = np.clip(moved, TINY, 1.0 - 1e-16)
        if still.all():
            break
    return np.asarray(value)


def _start(share: float, a: Floats, b: Floats) -> Floats:
    """Starting value near the quantile, from the power laws of the distribution function at its two ends."""
    left = np.exp(a * np.log(a / (a + b))) / a
    right = np.exp(b * np.log(b / (a + b))) / b
    both = left + right
    low = np.exp(np.minimum(np.log(np.maximum(a * both * share, TINY)) / a, 0.0))
    high = 1.0 - np.exp(np.minimum(np.log(np.maximum(b * both * (1.0 - share), TINY)) / b, 0.0))
    ends = np.where(share * both < left, low, high)
    return np.asarray(np.where((a < 1.0) | (b < 1.0), ends, _start_inside(share, a, b)))


def _start_inside(share: float, a: Floats, b: Floats) -> Floats:
    """Starting value for parameters of at least 1: Abramowitz, Stegun 26.5.22."""
    tail = np.sqrt(-2.0 * np.log(min(share, 1.0 - share)))
    normal = (2.30753 + tail * 0.27061) / (1.0 + tail * (0.99229 + tail * 0.04481)) - tail
    normal = -normal if share < 0.5 else normal
    one, two = 1.0 / np.maximum(2.0 * a - 1.0, 1.0), 1.0 / np.maximum(2.0 * b - 1.0, 1.0)
    height = 2.0 / (one + two)
    skew = (normal * normal - 3.0) / 6.0
    spread = normal * np.sqrt(np.maximum(skew + height, 0.0)) / height
    spread -= (two - one) * (skew + 5.0 / 6.0 - 2.0 / (3.0 * height))
    return np.asarray(a / (a + b * np.exp(np.clip(2.0 * spread, -600.0, 600.0))))


def _log_beta(a: Floats, b: Floats) -> Floats:
    pairs = zip(a.ravel(), b.ravel(), strict=True)
    return np.array([lgamma(x) + lgamma(y) - lgamma(x + y) for x, y in pairs]).reshape(a.shape)


def _incomplete_beta(a: Floats, b: Floats, x: Floats, log_beta: Floats) -> Floats:
    """Regularised incomplete beta function: share of the beta distribution below x, 0–1."""
    swapped = x > (a + 1.0) / (a + b + 2.0)
    front = np.exp(a * np.log(x) + b * np.log1p(-x) - log_beta)
    one, two = np.where(swapped, b, a), np.where(swapped, a, b)
    part = front * _fraction(one, two, np.where(swapped, 1.0 - x, x)) / one
    return np.asarray(np.where(swapped, 1.0 - part, part))


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """Continued fraction by Lentz's method; the terms needed grow as the square root of the larger parameter."""
    c = np.ones_like(a)
    d = 1.0 / _apart(1.0 - (a + b) * x / (a + 1.0))
    value = d.copy()
    for m in range(1, 20_000):
        for term in (
            m * (b - m) * x / ((a - 1.0 + 2 * m) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 1.0 + 2 * m)),
        ):
            c, d = _apart(1.0 + term / c), 1.0 / _apart(1.0 + term * d)
            value = value * c * d
        if np.all(np.abs(c * d - 1.0) < 1e-12):
            break
    return np.asarray(value)


def _apart(value: Floats) -> Floats:
    """Replace values too close to 0, so that they can be divided by."""
    return np.asarray(np.where(np.abs(value) < TINY, TINY, value))
