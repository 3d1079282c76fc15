"""Chapter on distributions: histograms of raw scores and of the fused LLR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.histograms import Histogram
from evaluation.report.findings.outcome import FUSED
from evaluation.report.page.canvas import MATED, NON_MATED, SOFT, draw, label, legend_above, names
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "Comparisons of one person (blue, filled) should lie to the right of those of two people (orange, outlined). "
    "Counts are on a logarithmic scale, so that the few comparisons in the tails, which decide the errors, can be seen."
)
FEW = 5
"""Number of comparators from which panels are placed three in a row."""

FUSED_READING = (
    "The fused log10 likelihood ratio: at 3, the evidence is 1000 times as probable if both are one person as if they "
    "are two. The dotted line is 0, no evidence either way; grey lines are the thresholds of the FMR targets."
)


def section(found: Findings) -> Section:
    """The chapter."""
    *single, fused = found.histograms
    thresholds = [point.threshold for point in found.errors[-1].points if point.threshold is not None]
    columns = min(2 if len(single) < FEW else 3, len(single))
    rows = -(-len(single) // columns)
    raw = draw(
        lambda panels: _all(panels, single),
        f"Histograms of raw scores of {names(single)}, mated and non-mated",
        height=0.3 + (2.4 if columns < 3 else 2.0) * rows,
        grid=(rows, columns),
    )
    llr = draw(
        lambda panels: _fused(panels[0], fused, thresholds), "Histogram of fused LLRs, mated and non-mated", height=3.2
    )
    return Section("distributions", "Scores", [Figure(raw, READING), Figure(llr, FUSED_READING)])


def _all(panels: list[Axes], found: list[Histogram]) -> None:
    for axes, each in zip(panels, found, strict=False):
        _steps(axes, each)
        axes.set(title=label(each.name), xlabel="Raw score", ylabel="Comparisons")
    legend_above(panels[0])


def _fused(axes: Axes, fused: Histogram, thresholds: list[float]) -> None:
    for threshold in thresholds:
        axes.axvline(threshold, color=SOFT, linewidth=0.9)
    axes.axvline(0.0, color=SOFT, linewidth=0.9, linestyle=":")
    _steps(axes, fused)
    axes.set(title=FUSED.capitalize(), xlabel="Fused log10 likelihood ratio", ylabel="Comparisons")
    axes.legend(loc="upper right")


def _steps(axes: Axes, each: Histogram) -> None:
    axes.stairs(each.mated, each.edges, color=MATED, alpha=0.35, fill=True, label="mated", baseline=0.5)
    axes.stairs(each.mated, each.edges, color=MATED, linewidth=0.9, baseline=0.5)
    axes.stairs(each.non_mated, each.edges, color=NON_MATED, linewidth=1.3, label="non-mated", baseline=0.5)
    highest = max(int(each.mated.max()), int(each.non_mated.max()), 10)
    axes.set_yscale("log")
    axes.set_ylim(0.5, highest * 6.0)
    decades = np.arange(int(np.log10(highest)) + 1)
    axes.set_yticks(10.0 ** decades[:: 1 + len(decades) // 5])
    axes.minorticks_off()
