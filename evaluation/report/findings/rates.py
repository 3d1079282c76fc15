"""Error rates with counts and confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, hypot, inf, log

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.intervals import LEVEL, Interval
from evaluation.metrics.shared_subjects import Comparisons, SubjectErrors
from evaluation.report.findings.number_text import percent, power, power_of_ten, span


@dataclass(frozen=True, slots=True)
class Rate:
    """Number of errors, number of comparisons, and the interval of the error rate, 0–1: 95 % unless stated."""

    errors: int
    count: int
    interval: Interval

    @property
    def value(self) -> float:
        """The error rate, 0–1."""
        return self.errors / self.count

    def text(self) -> str:
        """The rate in percent, its interval on a second line; without errors only the upper limit."""
        if not self.errors:
            return f"< {percent(self.interval.high)}\n0 of {self.count:,}"
        return f"{percent(self.value)}\n{span(self.interval)}"

    def small_text(self) -> str:
        """The same in powers of ten, for rates far below 1 %."""
        if not self.errors:
            return f"< {power(self.interval.high)}\n0 of {self.count:,}"
        factor, exponent = f"{self.value:.2e}".split("e")
        low, high = (each / 10.0 ** int(exponent) for each in (self.interval.low, self.interval.high))
        ten = power_of_ten(int(exponent))
        return f"{factor} × {ten}\n{low:.2f} – {high:.2f} × {ten}"


def rates_at(side: Comparisons, thresholds: Sequence[float | None], *, matched: bool) -> tuple[Rate | None, ...]:
    """The share at or above each threshold, or below it, with its interval (`evaluation.metrics.shared_subjects`).

    Args:
        side: comparisons, none or more, −inf where there is no score.
        thresholds: of the scores.
        matched: count those at or above, as in an FMR; otherwise those below, as in an FNMR.

    Returns:
        One per threshold; None for a threshold that is None, and without comparisons.
    """
    if not side.scores.size:
        return (None,) * len(thresholds)
    errors = SubjectErrors.of_non_mated(side) if matched else SubjectErrors.of_mated(side)
    return tuple(None if each is None else rate_at(errors, each) for each in thresholds)


def rate_at(errors: SubjectErrors, threshold: float, level: float = LEVEL) -> Rate:
    """The rate at one threshold, with an interval of this coverage."""
    seen = int(errors.at(threshold))
    low, high = errors.limits(seen, level)
    return Rate(seen, errors.count, Interval(float(low), float(high)))


def quotient(above: Rate, below: Rate) -> Interval:
    """Limits of the ratio of two independent rates, at least one of them with an error; the upper one may be infinite.

    They are derived from the limits of both rates on a logarithmic scale (Zou, Donner 2008).
    """
    if not below.errors:
        return Interval(above.interval.low / below.interval.high, inf)
    if not above.errors:
        return Interval(0.0, above.interval.high / below.interval.low)
    rise = hypot(log(above.interval.high / above.value), log(below.value / below.interval.low))
    fall = hypot(log(above.value / above.interval.low), log(below.interval.high / below.value))
    ratio = above.value / below.value
    return Interval(ratio * exp(-fall), ratio * exp(rise))


def thin(count: int, points: int = 400) -> NDArray[np.int64]:
    """At most `points` indices below `count`, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, points)).astype(np.int64))
