"""Chapter on calibration: Cllr, and the observed against the claimed FMR."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.calibration import Calibration, Observed
from evaluation.report.findings.number_text import NONE, number, power, too_few
from evaluation.report.page.canvas import INK, SOFT, draw, label, legend_above, line, names
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Figure, Section

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = (
    "Left: at log10 LR t the claim is that at most 10⁻ᵗ of non-mated comparisons match; a line on or below the dashed "
    "diagonal keeps it, and the shading is the 95 % band of the fused line. Right: the LLR that these data would give "
    "(pool adjacent violators) against the LLR claimed; above the diagonal the claim is too timid, below it too bold."
)
COST = (
    "Cllr is what the LLRs cost as they are, minCllr what no recalibration can remove: the excess is bad calibration."
)
KEPT = (
    "Share of non-mated comparisons at or above the threshold log10 LR = −log10 of the claimed FMR, with its 95 % "
    "interval by people, and its quotient by the claim. A calibrated system stays at or below × 1."
)


def section(found: Findings) -> Section:
    """The chapter."""
    figure = draw(
        lambda panels: _both(panels, found.calibration),
        f"Reliability of {names(found.calibration)}: observed against claimed FMR, recalibrated against claimed LLR",
        height=4.6,
        grid=(1, 2),
    )
    return Section("calibration", "Calibration", [_cost(found), Figure(figure, READING), _kept(found)])


def _both(panels: list[Axes], found: tuple[Calibration, ...]) -> None:
    for place, each in enumerate(found):
        style = line(place, len(found))
        threshold, observed, _, _ = each.reliability
        panels[0].plot(10.0**-threshold, observed, label=label(each.name), **style)
        panels[1].step(*each.recalibrated, where="post", **style)
    _band(panels[0], found[-1])
    _claims(panels[0], min((float(each.reliability[1:2].min(initial=1e-2)) for each in found), default=1e-2))
    _llrs(panels[1])


def _band(axes: Axes, fused: Calibration) -> None:
    """Shade the 95 % band; a lower limit of 0, which a logarithmic axis lacks, is drawn at a tenth of the rate."""
    threshold, observed, low, high = fused.reliability
    bottom = np.maximum(low, 0.1 * observed)
    axes.fill_between(10.0**-threshold, bottom, np.maximum(high, bottom), color=INK, alpha=0.13, linewidth=0)


def _claims(axes: Axes, lowest: float) -> None:
    axes.set(xscale="log", yscale="log", xlabel="Claimed FMR", ylabel="Observed FMR", title="False match rate")
    axes.set(xlim=(lowest / 3.0, 2.0), ylim=(lowest / 3.0, 2.0))
    axes.axline((1e-6, 1e-6), (1.0, 1.0), color=SOFT, linewidth=0.8, linestyle="--")
    axes.minorticks_off()
    legend_above(axes)


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
    header = ["Comparator", *(f"{power(point.claimed)}\nclaimed" for point in found.calibration[0].observed)]
    rows = [[each.name, *(_observed(point, each.non_mated) for point in each.observed)] for each in found.calibration]
    return Table("Observed FMR at the claimed FMR", KEPT, header, rows)


def _observed(point: Observed, count: int) -> str:
    if point.rate is None:
        return too_few(point.claimed, count)
    text = point.rate.small_text()
    return f"{text}\n× {point.rate.value / point.claimed:.2g}" if point.rate.errors else text
