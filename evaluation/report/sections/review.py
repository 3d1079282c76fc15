"""Chapter on review: shares sent to REVIEW against error rates, by width of the band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.number_text import number, power, share
from evaluation.report.findings.review import Review
from evaluation.report.page.canvas import INK, MATED, NON_MATED, SOFT, draw, legend_above
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "A comparison whose fused LLR lies in a band below the match threshold is not answered but given to a person. The "
    "wider the band (across), the fewer mated comparisons are turned away (FNMR, dark) and the more are reviewed; the "
    "FMR (grey) does not change. Shares of 0 have no place on the axis. The dotted line is the band of the table."
)
NONE_CARRIED = "The non-mated comparisons carry none of the FMR targets, so there is no threshold to put a band below."


def section(found: Findings) -> Section:
    """The chapter; a sentence where no target has a threshold."""
    if not found.review:
        return Section("review", "REVIEW", [NONE_CARRIED])
    figure = draw(
        lambda panels: _all(panels, found),
        "Share of comparisons sent to REVIEW, and error rates, by width of the band",
        height=3.8,
        grid=(1, len(found.review)),
    )
    return Section("review", "REVIEW", [Figure(figure, READING), _table(found)])


def _all(panels: list[Axes], found: Findings) -> None:
    lowest = 1.0 / max(found.counts.non_mated, found.counts.mated)
    for axes, each in zip(panels, found.review, strict=True):
        _panel(axes, each, found.review_band_llr)
        axes.set_ylim(50.0 * lowest, 200.0)
        axes.set(title=f"Match at FMR {power(each.target)}", xlabel="Width of the band, log10 LR")
    panels[0].set_ylabel("Share, %")
    legend_above(panels[0])


def _panel(axes: Axes, each: Review, band: float) -> None:
    for values, colour, dashes, label in (
        (each.fnmr, INK, "-", "FNMR"),
        (each.mated, MATED, (0, (5, 1.5)), "REVIEW of mated"),
        (each.non_mated, NON_MATED, (0, (1.5, 1.2)), "REVIEW of non-mated"),
        (np.full(each.width.size, each.fmr), SOFT, "-", "FMR"),
    ):
        axes.plot(
            each.width, np.where(values > 0.0, 100.0 * values, np.nan), color=colour, linestyle=dashes, label=label
        )
    axes.axvline(band, color=SOFT, linewidth=0.9, linestyle=":")
    axes.set(xlim=(0.0, each.width[-1]), yscale="log")
    axes.minorticks_off()


def _table(found: Findings) -> Table:
    header = [
        "Match threshold",
        "FMR",
        "FNMR\nno band",
        "FNMR\nwith the band",
        "REVIEW\nof mated",
        "REVIEW\nof non-mated",
    ]
    rows = [_row(each, found) for each in found.review]
    title = f"With a band of {found.review_band_llr:g} below the match threshold"
    return Table(
        title,
        "Shares of all mated, or of all non-mated, comparisons.",
        header,
        rows,
    )


def _row(each: Review, found: Findings) -> list[str]:
    mated, non_mated = found.errors[-1].mated, found.errors[-1].non_mated
    missed, reviewed, reviewed_non_mated = each.at(found.review_band_llr)
    return [
        f"log10 LR ≥ {number(each.threshold, 2)}\nFMR {power(each.target)}",
        share(each.fmr, non_mated),
        share(float(each.fnmr[0]), mated),
        share(missed, mated),
        share(reviewed, mated),
        share(reviewed_non_mated, non_mated),
    ]
