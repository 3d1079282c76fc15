"""Error rates by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from biometrics.bootstrap import Interval
from evaluation.fusion_report.canvas import COLOURS, INK, SOFT, draw
from evaluation.fusion_report.differential import FEW, Differential, GroupRate
from evaluation.fusion_report.findings import Findings
from evaluation.fusion_report.rates import NONE, number, power
from evaluation.fusion_report.sections.section import Figure, Section
from evaluation.fusion_report.tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "Each dot is a group's rate at the threshold all groups share, with its 95 % interval; the vertical line is the rate of all groups "
    "together. Groups whose intervals lie apart from it meet different error rates. Groups without an error are shown as an open "
    "triangle at 3/n, which the rate is below."
)
CAUTION = (
    f"Few errors carry little: below about {FEW} errors in a group its rate, and every ratio made of it, may be chance. "
    "Intervals that hold 1 show no difference. Thresholds are common to all groups (ISO/IEC 19795-10)."
)


def section(found: Findings) -> Section:
    """The chapter; a sentence where no groups or no thresholds are known."""
    shown = found.differential
    if not shown:
        return Section(
            "differential", "Differential performance", ["No groups are known, or no FMR target is carried."]
        )
    targets = len({each.target for each in shown})
    groups = max(len(each.groups) for each in shown)
    figure = draw(
        lambda panels: [_panel(axes, each) for axes, each in zip(panels, shown, strict=True)] and None,
        "False match and false non-match rate of each group at the common thresholds",
        height=(1.1 + 0.24 * groups) * len(shown) / targets,
        grid=(len(shown) // targets, targets),
    )
    tables = [_table(shown, error) for error in ("FMR", "FNMR")]
    return Section(
        "differential", "Differential performance", [CAUTION, Figure(figure, READING), *tables, _spread(shown)]
    )


def _panel(axes: Axes, each: Differential) -> None:
    colour = COLOURS[1] if each.error == "FMR" else COLOURS[0]
    for place, group in enumerate(each.groups):
        if group.rate is None:
            continue
        if group.rate.errors:
            axes.plot([100 * group.rate.interval.low, 100 * group.rate.interval.high], [place, place], color=colour)
            axes.plot([100 * group.rate.value], [place], "o", color=colour, markersize=5)
        else:
            axes.plot([300.0 / group.rate.count], [place], "<", color=colour, markerfacecolor="none", markersize=5)
    axes.axvline(100 * each.pooled.value, color=INK, linewidth=0.9)
    axes.set_yticks(np.arange(len(each.groups)), [group.group for group in each.groups])
    axes.set_ylim(len(each.groups) - 0.4, -0.6)
    axes.set_xlim(left=0.0)
    axes.grid(visible=False, axis="y")
    axes.set(title=f"{each.error} at FMR {power(each.target)}", xlabel=f"{each.error}, %")
    axes.spines["left"].set_color(SOFT)


def _table(shown: tuple[Differential, ...], error: str) -> Table:
    columns = [each for each in shown if each.error == error]
    header = ["Group", "Comparisons"]
    for each in columns:
        header += [f"{error}\nat FMR {power(each.target)}", "Errors", "Ratio\nto all"]
    rows = [
        [groups[0].group, _count(groups), *(cell for group in groups for cell in _cells(group))]
        for groups in zip(*(each.groups for each in columns), strict=True)
    ]
    pooled = ["All groups", f"{columns[0].pooled.count:,}" if columns else NONE]
    for each in columns:
        pooled += [each.pooled.text(), f"{each.pooled.errors:,}", "1"]
    return Table(f"{error} by group", "95 % intervals by bootstrap over people.", header, [*rows, pooled])


def _count(groups: tuple[GroupRate, ...]) -> str:
    return f"{groups[0].rate.count:,}" if groups[0].rate else "0"


def _cells(group: GroupRate) -> list[str]:
    if group.rate is None:
        return [NONE, NONE, NONE]
    return [group.rate.text(), f"{group.rate.errors:,}", _ratio(group.ratio, group.ratio_interval)]


def _spread(shown: tuple[Differential, ...]) -> Table:
    rows = [
        [f"{each.error} at FMR {power(each.target)}", _ratio(each.worst_to_best, each.worst_to_best_interval)]
        for each in shown
    ]
    note = "“–” where the best group has no error. The ratio of the worst to the best is above 1 also by chance."
    return Table("Worst to best group", note, ["Rate", "Ratio"], rows)


def _ratio(ratio: float | None, interval: Interval | None) -> str:
    if ratio is None:
        return NONE
    limits = f"\n{interval.low:.2f} – {interval.high:.2f}" if interval else ""
    return f"{number(ratio, 2)}{limits}"
