"""Chapter on differential performance: error rates by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.metrics.intervals import Interval
from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.differential import FEW, Differential, GroupRate
from evaluation.report.findings.number_text import NONE, number, power
from evaluation.report.findings.rates import Rate
from evaluation.report.page.canvas import INK, MATED, NON_MATED, draw, label
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "Each dot is a group's rate at the threshold that all groups share, with its 95 % interval; the vertical line is "
    "the rate of all groups together. Groups whose intervals lie apart from it meet different error rates. An open "
    "triangle is a group without an error: it stands at the upper end of the interval."
)
CAUTION = (
    f"Few errors carry little: below about {FEW} errors in a group its rate, and every ratio made of it, may be "
    "chance. Ratios whose intervals hold 1 show no difference. Thresholds are common to all groups (ISO/IEC 19795-10)."
)
NOTE = (
    "Ratio: the group's rate over that of all groups. The last row is the worst group's rate over the best one's, "
    "which is above 1 also by chance; “–” where a rate it needs has no error. Small: 95 % intervals by "
    "people."
)
UNKNOWN = "No groups are known, or no FMR target is carried."


def section(found: Findings) -> Section:
    """The chapter; a sentence where no groups or no thresholds are known."""
    shown = found.differential
    if not shown:
        return Section("differential", "Differential performance", [UNKNOWN])
    errors = list(dict.fromkeys(each.error for each in shown))
    figure = draw(
        lambda panels: _all(panels, shown),
        "False match and false non-match rate of each group at the common thresholds",
        height=(1.1 + 0.26 * len(shown[0].groups)) * len(errors),
        grid=(len(errors), len(shown) // len(errors)),
    )
    tables = [_table([each for each in shown if each.error == error]) for error in errors]
    return Section("differential", "Differential performance", [CAUTION, Figure(figure, READING), *tables])


def _all(panels: list[Axes], shown: tuple[Differential, ...]) -> None:
    leading = {each.error: each for each in reversed(shown)}.values()
    for axes, each in zip(panels, shown, strict=True):
        for place, group in enumerate(each.groups):
            _mark(axes, place, group.rate, NON_MATED if each.error == "FMR" else MATED)
        axes.axvline(100 * each.pooled.value, color=INK, linewidth=0.9)
        labels = [label(group.group) if each in leading else "" for group in each.groups]
        axes.set_yticks(np.arange(len(labels)), labels)
        axes.set(ylim=(len(labels) - 0.4, -0.6), title=f"{each.error} at FMR {power(each.target)}")
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
    header = ["Group", "Comparisons"]
    for each in shown:
        header += [f"{error}\nat FMR {power(each.target)}", "Ratio\nto all"]
    rows = [
        [
            groups[0].group,
            _count(groups[0].rate),
            *(cell for pair in zip(shown, groups, strict=True) for cell in _cells(*pair)),
        ]
        for groups in zip(*(each.groups for each in shown), strict=True)
    ]
    pooled, spread = ["All groups", _count(shown[0].pooled)], ["Worst / best", ""]
    for each in shown:
        pooled += [_rate(each.pooled, error), "1"]
        spread += ["", _ratio(each.worst_to_best, each.worst_to_best_interval)]
    return Table(f"{error} by group", NOTE, header, [*rows, pooled, spread])


def _count(rate: Rate | None) -> str:
    return f"{rate.count:,}" if rate else "0"


def _cells(each: Differential, group: GroupRate) -> list[str]:
    if group.rate is None:
        return [NONE, NONE]
    if not group.rate.errors and each.pooled.errors:
        return [_rate(group.rate, each.error), f"< {group.rate.interval.high / each.pooled.value:.2f}"]
    return [_rate(group.rate, each.error), _ratio(group.ratio, group.ratio_interval)]


def _rate(rate: Rate, error: str) -> str:
    text = rate.small_text() if error == "FMR" else rate.text()
    return f"{text}\n{rate.errors:,} errors" if rate.errors else text


def _ratio(ratio: float | None, interval: Interval | None) -> str:
    if ratio is None:
        return NONE
    limits = f"\n{interval.low:.2f} – {interval.high:.2f}" if interval else ""
    return f"{number(ratio, 2)}{limits}"
