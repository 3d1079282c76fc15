"""Chapter on verification errors: DET curves and the table of FNMR at fixed FMR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.errors import Errors, Point
from evaluation.report.findings.number_text import power, share, too_few
from evaluation.report.page.canvas import INK, SOFT, deviate, deviate_axes, draw, label, legend_above, line, names
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTE = (
    "A mated comparison that was not made is a non-match at every threshold; non-mated ones not made are left out. "
    "A rate is shown when the FMR is carried by at least 3/FMR non-mated comparisons (rule of three)."
)
TABLE_NOTE = (
    "Small below a rate: its 95 % interval, the threshold, and, where some comparisons were not made, the rate of "
    "those that were."
)
MOST_BANDS = 6
"""Most columns for which every line has its band; with more columns only the fused line has one."""

READING = (
    "Lower and further left is better. Each line trades false matches (across) for false non-matches (up) as the "
    "threshold moves; the shading is the 95 % band by people (of fused alone where there are more than "
    "six lines). The dashed diagonal has equal rates."
)


def section(found: Findings) -> Section:
    """The chapter."""
    figure = draw(
        lambda panels: _det(panels[0], found.errors),
        f"DET curves of {names(found.errors)}: false non-match rate against false match rate",
        height=5.6,
    )
    return Section("errors", "Verification errors", [NOTE, Figure(figure, READING), _table(found)])


def _det(axes: Axes, found: tuple[Errors, ...]) -> None:
    for place, each in enumerate(found):
        style = line(place, len(found))
        if len(found) <= MOST_BANDS or each is found[-1]:
            fmr, low, high = (deviate(rates) for rates in each.band)
            axes.fill_between(fmr, low, high, color=str(style["color"]), alpha=0.13, linewidth=0)
        axes.plot(deviate(each.det[0]), deviate(each.det[1]), label=label(each.name), drawstyle="steps-post", **style)
    if not any(each.det.size for each in found):
        axes.text(0.5, 0.5, "no errors at any threshold", transform=axes.transAxes, ha="center", color=INK)
    axes.axline((0.0, 0.0), slope=1.0, color=SOFT, linewidth=0.8, linestyle="--")
    deviate_axes(axes, *_limits(found))
    axes.set(xlabel="False match rate (FMR)", ylabel="False non-match rate (FNMR)")
    legend_above(axes)


def _limits(found: tuple[Errors, ...]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Lowest and highest rates shown: from one error up to 50 %, or to where the curves start."""
    across = min(0.01, 1.0 / max(each.non_mated for each in found))
    up = min(0.01, 0.7 / max(each.mated for each in found))
    high = any(point.fnmr and point.fnmr.value > 0.5 for each in found for point in each.points)
    return (across, up), (0.5, 0.98 if high else 0.5)


def _table(found: Findings) -> Table:
    header = [
        "Comparator",
        "Mated\nnot compared",
        "Non-mated\nnot compared",
        *(f"FNMR\nat FMR {power(fmr)}" for fmr in found.targets),
    ]
    rows = [
        [
            each.name,
            f"{each.mated:,}\n{each.mated_missing:,}",
            f"{each.non_mated + each.non_mated_missing:,}\n{each.non_mated_missing:,}",
            *(_cell(each, point) for point in each.points),
        ]
        for each in found.errors
    ]
    return Table("FNMR at fixed FMR", TABLE_NOTE, header, rows)


def _cell(each: Errors, point: Point) -> str:
    if point.fnmr is None or point.threshold is None:
        return too_few(point.fmr, each.non_mated)
    made = ""
    if each.mated_missing and point.fnmr_compared is not None:
        made = f"\n{share(point.fnmr_compared, each.mated - each.mated_missing)} of those made"
    return f"{point.fnmr.text()}\nthreshold {_score(point.threshold)}{made}"


def _score(threshold: float) -> str:
    """Four significant digits, at most four decimals."""
    return f"{round(threshold, 4) + 0.0:.4g}".replace("-", "−")
