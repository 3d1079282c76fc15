"""Chapter on differential performance: error rates by group."""

from __future__ import annotations

from collections.abc import Sequence
from math import isinf
from typing import TYPE_CHECKING

import numpy as np

from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.differential import FEWEST_ERRORS, FEWEST_PEOPLE, Differential, GroupRate
from evaluation.report.findings.number_text import NONE, number
from evaluation.report.findings.rates import Rate
from evaluation.report.findings.ratios import Ratio
from evaluation.report.page.canvas import INK, MATED, NON_MATED, draw, label
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "Each dot is a group's rate at the threshold that all groups share, with its 95 % interval; the vertical line is "
    "the rate of all groups together. Groups whose intervals lie apart from it meet different error rates. An open "
    "triangle is a group without an error: it stands at the upper end of the interval. A group that is too small has "
    "no mark."
)
CAUTION = (
    f"Thresholds are common to all groups (ISO/IEC 19795-10). A group of fewer than {FEWEST_PEOPLE} people, or whose "
    f"comparisons are worth less than {FEWEST_ERRORS:g} independent errors, is too small for a rate. Ratios whose "
    "intervals hold 1 show no difference."
)
NOTE = (
    "Ratio: the group's rate over that of all groups together. The last rows are the largest rate over the smallest, "
    "and over the geometric mean, of the groups that are not too small; both are above 1 also by chance; “–” where a "
    "rate it needs has no error. Small: 95 % intervals by people; those of ratios hold for all groups together."
)
UNKNOWN = "No groups are known, or no FMR target is carried."


def section(found: Findings) -> Section:
    """The chapter; a sentence where no groups or no thresholds are known."""
    return Section("differential", "Differential performance", parts(found.differential) or [UNKNOWN])


def parts(shown: Sequence[Differential]) -> list[str | Figure | Table]:
    """What is shown of the rates of groups, FMR and FNMR at the same operating points; nothing of none."""
    if not shown:
        return []
    errors = list(dict.fromkeys(each.error for each in shown))
    names = ", ".join(each.group for each in shown[0].groups)
    figure = draw(
        lambda panels: _all(panels, shown),
        f"False match and false non-match rate of each group at the common thresholds: {names}",
        height=(1.1 + 0.26 * len(shown[0].groups)) * len(errors),
        grid=(len(errors), len(shown) // len(errors)),
    )
    tables = [_table([each for each in shown if each.error == error]) for error in errors]
    return [CAUTION, Figure(figure, READING), *tables]


def _all(panels: list[Axes], shown: Sequence[Differential]) -> None:
    leading = {each.error: each for each in reversed(shown)}.values()
    for axes, each in zip(panels, shown, strict=True):
        for place, group in enumerate(each.groups):
            _mark(axes, place, group.rate, NON_MATED if each.error == "FMR" else MATED)
        axes.axvline(100 * each.pooled.value, color=INK, linewidth=0.9)
        labels = [label(group.group) if each in leading else "" for group in each.groups]
        axes.set_yticks(np.arange(len(labels)), labels)
        axes.set(ylim=(len(labels) - 0.4, -0.6), title=f"{each.error} at {each.point}")
        axes.set_xlabel(f"{each.error}, %")
        axes.set_xlim(left=0.0)
        axes.grid(visible=False, axis="y")


def _mark(axes: Axes, place: int, rate: Rate | None, colour: str) -> None:
    if rate is None:
        return
    if not rate.errors:
        axes.plot([100 * rate.interval.high], [place], "<", color=colour, markerfacecolor="none", markersize=5)
        return
    axes.plot([100 * rate.interval.low, 100 * rate.interval.high], [place, place], color=colour)
    axes.plot([100 * rate.value], [place], "o", color=colour, markersize=5)


def _table(shown: list[Differential]) -> Table:
    error = shown[0].error
    header = ["Group", "People,\ncomparisons"]
    for each in shown:
        header += [f"{error}\nat {each.point}", "Ratio\nto all"]
    rows = [
        [
            groups[0].group,
            f"{groups[0].people:,}\n{groups[0].count:,}",
            *(cell for pair in zip(shown, groups, strict=True) for cell in _cells(*pair)),
        ]
        for groups in zip(*(each.groups for each in shown), strict=True)
    ]
    pooled, best, mean = ["All groups", f"\n{shown[0].pooled.count:,}"], ["Worst / best", ""], ["Worst / mean", ""]
    for each in shown:
        pooled += [rate_text(each.pooled, error), "1"]
        best += [_named(each.worst_to_best), ratio_text(each.worst_to_best)]
        mean += [_named(each.worst_to_mean), ratio_text(each.worst_to_mean)]
    return Table(f"{error} by group", NOTE, header, [*rows, pooled, best, mean])


def _cells(each: Differential, group: GroupRate) -> list[str]:
    if group.rate is None:
        return ["too small" if group.count else NONE, NONE]
    if group.ratio and not group.errors:
        return [rate_text(group.rate, each.error), f"< {group.ratio.interval.high:.2f}"]
    return [rate_text(group.rate, each.error), ratio_text(group.ratio)]


def rate_text(rate: Rate, error: str) -> str:
    """A rate with its interval and the number of errors."""
    text = rate.small_text() if error == "FMR" else rate.text()
    return f"{text}\n{rate.errors:,} errors" if rate.errors else text


def ratio_text(ratio: Ratio | None) -> str:
    """A ratio with its interval."""
    if ratio is None:
        return NONE
    if ratio.value is None:
        return f"> {ratio.interval.low:.2f}" if ratio.interval.low > 1.0 else NONE
    high = "∞" if isinf(ratio.interval.high) else f"{ratio.interval.high:.2f}"
    return f"{number(ratio.value, 2)}\n{ratio.interval.low:.2f} – {high}"


def _named(ratio: Ratio | None) -> str:
    return f"\n{ratio.of} / {ratio.to}" if ratio else ""
