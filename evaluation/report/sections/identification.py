"""Chapter on identification: CMC, and FNIR against FPIR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.report.findings.all_findings import Findings, SearchCounts
from evaluation.report.findings.identification import FEWEST_REFERENCES, FPIRS, Identification
from evaluation.report.findings.number_text import percent, power, too_few
from evaluation.report.findings.rates import Rate
from evaluation.report.page.canvas import deviate, deviate_axes, draw, label, legend_above, line, names
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "Left: how often the right person is among the best k of the list (closed set; higher is better). Right: with a "
    "threshold, how often a search for an enrolled person fails (FNIR, up) against how often a search for a stranger "
    "finds somebody (FPIR, across; lower is better). The mate counts at any rank; on the thin line, of fused, only at "
    "rank 1."
)
RANKS_SHOWN = (5, 10, 20)


def section(found: Findings) -> Section:
    """The chapter; a sentence where there are no searches."""
    counts = found.search_counts
    if counts is None:
        sentence = f"No mated probe was compared with {FEWEST_REFERENCES} references or more."
        return Section("identification", "Identification", [sentence])
    figure = draw(
        lambda panels: _both(panels, found.identification, counts),
        f"Identification with {names(found.identification)}: CMC, and FNIR against FPIR",
        height=4.6,
        grid=(1, 2),
    )
    return Section("identification", "Identification", [_words(counts), Figure(figure, READING), _table(found, counts)])


def _words(counts: SearchCounts) -> str:
    size = f"N = {counts.median:,.0f}"
    if counts.lowest != counts.highest:
        size += f" (median; {counts.lowest:,} to {counts.highest:,})"
    return (
        f"Each of {counts.searches:,} probes that were compared with at least {FEWEST_REFERENCES} references was "
        f"searched among those; {counts.mated:,} have a mate. People searched: {size}. For the FPIR the mate is left "
        "out, as if not enrolled."
    )


def _both(panels: list[Axes], found: tuple[Identification, ...], counts: SearchCounts) -> None:
    for place, each in enumerate(found):
        style = line(place, len(found))
        panels[0].plot(np.arange(1, each.cmc.size + 1), 100.0 * each.cmc, label=label(each.name), **style)
        fpir, fnir, first = each.curve
        panels[1].plot(deviate(fpir), deviate(fnir), drawstyle="steps-post", **style)
        if place == len(found) - 1:
            panels[1].plot(deviate(fpir), deviate(first), drawstyle="steps-post", **{**style, "linewidth": 0.8})
    panels[0].set(xlabel="Rank k", ylabel="Mate among the best k, %", title="CMC")
    panels[0].set_xticks([1, *range(5, found[0].cmc.size + 1, 5)])
    legend_above(panels[0])
    low = (min(0.01, 1.0 / counts.searches), min(0.01, 0.7 / counts.mated))
    highest = max(float(each.curve[1].max()) if each.curve.size else 0.0 for each in found)
    deviate_axes(panels[1], low, (0.95, 0.5 if highest < 0.5 else 0.98))
    panels[1].set(xlabel="FPIR", ylabel="FNIR", title=f"Open set, N = {counts.median:,.0f}")
    panels[1].tick_params(axis="x", labelrotation=45.0)


def _table(found: Findings, counts: SearchCounts) -> Table:
    header = ["Comparator", "Mate not first\n1 − rank-1 rate", *(f"Rank {rank}" for rank in RANKS_SHOWN)]
    header += [f"FNIR\nat FPIR {power(target)}" for target in FPIRS]
    rows = [
        [
            each.name,
            each.rank_one_missed.text(),
            *(percent(float(each.cmc[min(rank, each.cmc.size) - 1])) for rank in RANKS_SHOWN),
            *(_missed(rate, target, counts.searches) for rate, target in zip(each.missed, FPIRS, strict=True)),
        ]
        for each in found.identification
    ]
    note = "95 % intervals by people. A person's best reference counts; ties count against the mate."
    return Table("Searches", note, header, rows)


def _missed(rate: Rate | None, target: float, searches: int) -> str:
    return too_few(target, searches, "searches") if rate is None else rate.text()
