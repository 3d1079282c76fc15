"""Cllr, and whether the claimed FMR is the observed one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.fusion_report.calibration import Calibration, Observed
from evaluation.fusion_report.canvas import SOFT, draw, line, names
from evaluation.fusion_report.findings import Findings
from evaluation.fusion_report.rates import NONE, number, power, too_few
from evaluation.fusion_report.sections.section import Figure, Section
from evaluation.fusion_report.tables import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "Left: at log10 LR t the claim is that at most 10⁻ᵗ of non-mated comparisons match; a line on or below the dashed diagonal "
    "keeps that claim, the shading is the 95 % band of the fused line. Right: the LLR that these data would give (pool adjacent "
    "violators) against the LLR claimed; above the diagonal the claim is too timid, below it is too bold."
)
COST = (
    "Cllr is what the LLRs cost as they are, minCllr what no recalibration can remove: the excess is bad calibration."
)
KEPT = (
    "Share of non-mated comparisons at or above the threshold log10 LR = −log10 of the claimed FMR, with its 95 % interval by "
    "bootstrap over people. A calibrated system stays at or below the claim."
)


def section(found: Findings) -> Section:
    """The chapter."""
    figure = draw(
        lambda panels: _both(panels, found.calibration),
        f"Reliability of {names(found.calibration)}: observed against claimed false match rate, and recalibrated against claimed LLR",
        height=4.2,
        grid=(1, 2),
    )
    return Section("calibration", "Calibration", [_cost(found), Figure(figure, READING), _kept(found)])


def _both(panels: list[Axes], found: tuple[Calibration, ...]) -> None:
    for place, each in enumerate(found):
        style = line(place, len(found))
        threshold, observed, low, high = each.reliability
        claimed = 10.0**-threshold
        panels[0].plot(claimed, observed, label=each.name, **style)
        panels[1].step(*each.recalibrated, where="post", **style)
        if place == len(found) - 1:
            low = np.maximum(low, 0.1 * observed)
            panels[0].fill_between(
                claimed, low, np.maximum(high, low), color=str(style["color"]), alpha=0.13, linewidth=0
            )
    _claims(panels[0])
    _llrs(panels[1])


def _claims(axes: Axes) -> None:
    axes.set(xscale="log", yscale="log", xlabel="Claimed FMR", ylabel="Observed FMR", title="False match rate")
    axes.axline((1e-6, 1e-6), (1.0, 1.0), color=SOFT, linewidth=0.8, linestyle="--")
    axes.minorticks_off()
    axes.legend(loc="lower right")


def _llrs(axes: Axes) -> None:
    axes.axline((0.0, 0.0), slope=1.0, color=SOFT, linewidth=0.8, linestyle="--")
    axes.set(xlabel="Claimed log10 LR", ylabel="Recalibrated log10 LR", title="Likelihood ratio")


def _cost(found: Findings) -> Table:
    rows = [
        [each.name, number(each.cllr, 4), number(each.min_cllr, 4), _excess(each.excess)] for each in found.calibration
    ]
    return Table(
        "Cost of the likelihood ratios", COST, ["Comparator", "Cllr\nbits", "minCllr\nbits", "Cllr / minCllr − 1"], rows
    )


def _excess(excess: float | None) -> str:
    return NONE if excess is None else f"{100.0 * excess:+.1f} %"


def _kept(found: Findings) -> Table:
    header = ["Comparator", *(f"claimed\n{power(point.claimed)}" for point in found.calibration[0].observed)]
    rows = [[each.name, *(_observed(point, each.non_mated) for point in each.observed)] for each in found.calibration]
    return Table("Observed FMR at the claimed FMR", KEPT, header, rows)


def _observed(point: Observed, count: int) -> str:
    if point.rate is None:
        return too_few(point.claimed, count)
    text = point.rate.text()
    return f"{text}\n× {point.rate.value / point.claimed:.2f}" if point.rate.errors else text
