"""Whether ratios of rates keep their bounds, with confidence: what a release is held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.report.findings.differential import Differential
from evaluation.report.findings.number_text import power
from evaluation.report.findings.ratios import Ratio
from evaluation.report.groups.asked import Asked, Bound
from evaluation.report.groups.measured import Grouped

EXCEEDED, WITHIN, CANNOT_TELL = "EXCEEDED", "WITHIN", "CANNOT_TELL"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the ratio of one column's rates keeps a bound at one operating point.

    Args:
        column: the column.
        error: "FMR" or "FNMR".
        base: "best", "mean" or "all": what the worst group's rate is divided by.
        most: the bound.
        verdict: EXCEEDED: the interval of the ratio lies above the bound; WITHIN: it does not reach above it, and no
            group is too small; CANNOT_TELL: anything else.
        text: the same in a sentence, with the group and the ratio.
    """

    column: str
    error: str
    base: str
    most: float
    verdict: str
    text: str


def judged(found: Sequence[Grouped], asked: Asked) -> list[Verdict]:
    """A verdict for every bound, column and operating point; one that says so where there is no operating point."""
    return [verdict for bound in asked.bounds for each in found for verdict in _of_column(each, bound, asked)]


def _of_column(found: Grouped, bound: Bound, asked: Asked) -> Iterator[Verdict]:
    rates = [each for each in found.within if each.error == bound.error]
    for each in rates:
        verdict, text = compared(each, bound)
        yield _verdict(found.column, bound, f"at {each.point}", verdict, text)
    for fmr in asked.fmrs:
        if fmr not in {each.target for each in rates}:
            yield _verdict(found.column, bound, f"at FMR {power(fmr)}", CANNOT_TELL, "too few comparisons.")


def _verdict(column: str, bound: Bound, where: str, verdict: str, text: str) -> Verdict:
    words = {EXCEEDED: "exceeds", WITHIN: "is within", CANNOT_TELL: "cannot tell whether it is within"}[verdict]
    said = f"{bound.error} by {column} {where} {words} the ratio {bound.most:g}: {text}"
    return Verdict(column, bound.error, bound.base, bound.most, verdict, said)


def compared(rates: Differential, bound: Bound) -> tuple[str, str]:
    """The verdict on the rates at one operating point, and why, with the group and the ratio."""
    ratio = {"best": rates.worst_to_best, "mean": rates.worst_to_mean, "all": rates.worst_to_all}[bound.base]
    if ratio and ratio.interval.low > bound.most:
        return EXCEEDED, f"{_said(ratio)}."
    small = f"too small: {', '.join(rates.too_small)}" if rates.too_small else ""
    if ratio is None:
        return CANNOT_TELL, f"{small or 'too few errors'}."
    verdict = CANNOT_TELL if small or ratio.interval.high > bound.most else WITHIN
    return verdict, f"{_said(ratio)}{f'; {small}' if small else ''}."


def _said(ratio: Ratio) -> str:
    low, high = ratio.interval.low, ratio.interval.high
    if ratio.value is None:
        return f"{ratio.of} has at least {low:.2f} times that of {ratio.to}, which has no error (95 %)"
    return f"{ratio.of} has {ratio.value:.2f} times that of {ratio.to} (95 %: {low:.2f} – {high:.2f})"
