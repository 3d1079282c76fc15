"""Numbers as text in the report: percent, intervals, powers of ten, and why a rate is not shown."""

from __future__ import annotations

from math import floor, isfinite, log10

import numpy as np

from evaluation.metrics.intervals import Interval

NONE = "–"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent(value: float) -> str:
    """Three significant digits, at most two decimals from 1 % on: 12.35 %, 0.0123 %."""
    if not isfinite(value):
        return NONE
    return f"{_digits(100.0 * value)} %"


def share(value: float, count: int) -> str:
    """A share in percent; where it is 0, "0 of count"."""
    return percent(value) if value > 0.0 else f"0 of {count:,}"


def span(interval: Interval) -> str:
    """An interval as 0.31 – 0.55 %."""
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
    ten = power_of_ten(exponent)
    return ten if abs(factor - 1.0) < 1e-6 else f"{factor:.2g} × {ten}"


def power_of_ten(exponent: int) -> str:
    """10⁻³ for −3."""
    return f"10{str(exponent).translate(SUPERSCRIPT)}"


def too_few(fmr: float, count: int, what: str = "non-mated") -> str:
    """The reason why a rate is not shown: fewer than 3 / FMR comparisons (rule of three)."""
    return f"{NONE}\nneeds {int(np.ceil(3.0 / fmr - 1e-9)):,} {what},\nhas {count:,}"


def number(value: float | None, decimals: int = 3) -> str:
    """A number with a fixed number of decimals; a dash for None."""
    if value is None or not isfinite(value):
        return NONE
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−")
