"""Rates with their counts and intervals, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from biometrics.bootstrap import Interval
from biometrics.resampling import Cells, interval_of, resample

NONE = "–"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many errors in so many comparisons, and the 95 % interval of their share, 0–1."""

    errors: int
    count: int
    interval: Interval

    @property
    def value(self) -> float:
        """The share, 0–1."""
        return self.errors / self.count

    @property
    def below(self) -> float:
        """What the rate is below when no error was seen: 3/n (rule of three)."""
        return min(1.0, 3.0 / self.count)

    def text(self) -> str:
        """In percent, the interval on a second line; without errors only that the rate is below 3/n."""
        if not self.errors:
            return f"< {percent(self.below)}\n0 of {self.count:,}"
        return f"{percent(self.value)}\n{span(self.interval)}"

    def small_text(self) -> str:
        """The same in powers of ten, for rates far below 1 %."""
        if not self.errors:
            return f"< {power(self.below)}\n0 of {self.count:,}"
        factor, exponent = f"{self.value:.2e}".split("e")
        low, high = (each / 10.0 ** int(exponent) for each in (self.interval.low, self.interval.high))
        ten = _ten(int(exponent))
        return f"{factor} × {ten}\n{low:.2f} – {high:.2f} × {ten}"


def rate_of(failed: NDArray[np.bool_], first: NDArray[np.integer], second: NDArray[np.integer]) -> Rate | None:
    """The share that failed, with its interval by bootstrap over subjects; None of no comparison.

    Args:
        failed: shape (k,).
        first: shape (k,): number of the first subject.
        second: shape (k,): number of the second subject.
    """
    return rates_at(failed.astype(np.float32), first, second, [0.5], matched=True)[0]


def rates_at(
    values: NDArray[np.float32],
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    thresholds: Sequence[float | None],
    *,
    matched: bool,
) -> tuple[Rate | None, ...]:
    """The share at or above each threshold, or below it, with intervals by bootstrap over subjects.

    Args:
        values: shape (k,), −inf where there is none.
        first: shape (k,): number of the first subject.
        second: shape (k,): number of the second subject.
        thresholds: of the values.
        matched: count those at or above, as in an FMR; otherwise those below, as in an FNMR.

    Returns:
        One per threshold; None for a threshold that is None, and without values.
    """
    known = np.unique([each for each in thresholds if each is not None])
    if not (values.size and known.size):
        return (None,) * len(thresholds)
    passed = np.searchsorted(known, values, side="right")
    counts = np.bincount(passed, minlength=known.size + 1)
    subjects = 1 + int(max(first.max(), second.max()))
    table = resample(Cells(passed, first, second, known.size + 1), subjects)
    found: list[Rate | None] = []
    for each in thresholds:
        place = 0 if each is None else int(np.searchsorted(known, each)) + 1
        wrong = slice(place, None) if matched else slice(None, place)
        errors = int(counts[wrong].sum())
        interval = interval_of(table[:, wrong].sum(axis=1), table.sum(axis=1), errors, values.size)
        found.append(None if each is None else Rate(errors, values.size, interval))
    return tuple(found)


def percent(value: float) -> str:
    """Three significant digits, at most two decimals from 1 % on: 12.35 %, 0.0123 %."""
    if not isfinite(value):
        return NONE
    return f"{_digits(100.0 * value)} %"


def share(value: float, count: int) -> str:
    """In percent; a share of 0 only shows that it is below 3/n."""
    return percent(value) if value > 0.0 else f"< {percent(min(1.0, 3.0 / count))}"


def span(interval: Interval) -> str:
    """0.31 – 0.55 %."""
    return f"{_digits(100.0 * interval.low)} – {_digits(100.0 * interval.high)} %"


def _digits(value: float) -> str:
    if value <= 0.0:
        return "0"
    decimals = 2 if value >= 1.0 else min(8, 1 - floor(log10(value)) + 1)
    return f"{value:.{decimals}f}"


def power(value: float) -> str:
    """A power of ten as 10⁻³, another small rate as 2.5 × 10⁻³."""
    exponent = floor(log10(value) + 1e-9)
    factor = value / 10.0**exponent
    ten = _ten(exponent)
    return ten if abs(factor - 1.0) < 1e-6 else f"{factor:.2g} × {ten}"


def _ten(exponent: int) -> str:
    return f"10{str(exponent).translate(SUPERSCRIPT)}"


def too_few(fmr: float, count: int, what: str = "non-mated") -> str:
    """Why a rate is not shown: the rule of three."""
    return f"{NONE}\nneeds {int(np.ceil(3.0 / fmr - 1e-9)):,} {what},\nhas {count:,}"


def number(value: float | None, decimals: int = 3) -> str:
    """With so many decimals; a dash where there is none."""
    if value is None or not isfinite(value):
        return NONE
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def thin(count: int, points: int = 400) -> NDArray[np.int64]:
    """At most so many places among `count`, evenly spread, with the first and the last."""
    return np.unique(np.linspace(0, count - 1, min(count, points)).astype(np.int64))
