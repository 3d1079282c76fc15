"""The rates by groups as lines of name and value, for printing."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf

from evaluation.report.findings.differential import Differential, GroupRate
from evaluation.report.findings.number_text import percent, span
from evaluation.report.findings.ratios import Ratio
from evaluation.report.groups.measured import Grouped


def lines(found: Grouped) -> Iterator[tuple[str, str]]:
    """A line for each error at each operating point: every group, then the ratios."""
    for each in found.within:
        point = f"score {each.threshold:.4g}" if each.target is None else f"FMR {each.target:g}"
        yield f"{each.error} by {found.column} at {point}", "; ".join(_values(each))


def _values(rates: Differential) -> Iterator[str]:
    yield from (f"{each.group} {_rate(each)}" for each in rates.groups)
    for name, ratio in (("worst / best", rates.worst_to_best), ("worst / mean", rates.worst_to_mean)):
        if ratio:
            yield f"{name} {_ratio(ratio)}"


def _rate(group: GroupRate) -> str:
    if group.rate is None:
        return f"too small ({group.people} people, {group.count:,} comparisons)"
    return f"{percent(group.rate.value)} ({span(group.rate.interval)})"


def _ratio(ratio: Ratio) -> str:
    value = "–" if ratio.value is None else f"{ratio.value:.2f}"
    high = "∞" if isinf(ratio.interval.high) else f"{ratio.interval.high:.2f}"
    return f"{value} ({ratio.interval.low:.2f} – {high})"
