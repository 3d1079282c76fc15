"""Chapter on quality: error-versus-reject curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.metrics.rejection import REJECTED
from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.number_text import number, percent
from evaluation.report.findings.quality import Rejected
from evaluation.report.page.canvas import SOFT, draw, label, legend_above, line, names
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "The threshold is the one at which 5 % of the mated comparisons fail. As those of lowest quality are rejected "
    "(across), a quality that predicts failures lets the line fall towards the dashed one; one that does not leaves it "
    "level (dotted)."
)
NOTE = (
    "Rank correlation (Spearman) of quality and mated score, −1 to 1. A fused row has the lowest quality of its "
    "comparators."
)


def section(found: Findings) -> Section:
    """The chapter; a sentence where no quality is known."""
    if not found.quality:
        return Section("quality", "Quality", ["No quality is known of these comparisons."])
    shown = found.quality
    figure = draw(
        lambda panels: _curves(panels[0], shown), f"Error versus reject by quality of {names(shown)}", height=3.8
    )
    header = [
        "Comparator",
        "Mated",
        *(f"FNMR without\nthe worst {share:.0%}" for share in REJECTED),
        "Rank\ncorrelation",
    ]
    rows = [_row(each) for each in shown]
    return Section("quality", "Quality", [Figure(figure, READING), Table("Rejection by quality", NOTE, header, rows)])


def _curves(axes: Axes, shown: tuple[Rejected, ...]) -> None:
    start = max(100.0 * float(each.curve[1, 0]) for each in shown)
    for place, each in enumerate(shown):
        axes.plot(*(100.0 * each.curve), drawstyle="steps-post", label=label(each.name), **line(place, len(shown)))
    axes.plot([0.0, start], [start, 0.0], color=SOFT, linewidth=0.9, linestyle="--", label="best possible")
    axes.axhline(start, color=SOFT, linewidth=0.9, linestyle=":", label="at random")
    axes.set(xlim=(0.0, 50.0), ylim=(0.0, max(1.5 * start, 1.0)))
    axes.set(xlabel="Mated comparisons rejected, %", ylabel="FNMR of the others, %")
    legend_above(axes)


def _row(each: Rejected) -> list[str]:
    rates = [percent(point.fnmr) for point in each.kept.points]
    return [each.name, f"{each.comparisons:,}", *rates, number(each.kept.rank_correlation, 2)]
