"""The summary at the top of the page: counts, and EER, TAR, FNMR and Cllr of each column."""

from __future__ import annotations

from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.errors import Errors, Point
from evaluation.report.findings.number_text import number, percent, power, span, too_few
from evaluation.report.page.tables import Table

NOTE = (
    "TAR is the share of mated comparisons that match, FNMR the share that do not, at the lowest threshold that keeps "
    "the FMR. Small: FNMR and 95 % intervals, by people. Lower is better for EER, FNMR and Cllr."
)


def tiles(found: Findings) -> list[tuple[str, str]]:
    """The counts at the top of the page: each a figure and a caption."""
    counts = found.counts
    return [
        (f"{counts.rows:,}", "comparisons"),
        (f"{counts.mated:,}", "mated: one person"),
        (f"{counts.non_mated:,}", "non-mated"),
        (f"{counts.subjects:,}", "people"),
        (f"{counts.probes:,} · {counts.references:,}", "probes · references"),
        (f"{counts.mated_missing:,} · {counts.non_mated_missing:,}", "not made: mated · non-mated"),
    ]


def table(found: Findings) -> Table:
    """EER, TAR and FNMR at each FMR, Cllr and minCllr of each column."""
    at = [f"TAR\nat FMR {power(fmr)}" for fmr in found.targets]
    rows = [_row(found, each) for each in found.errors]
    return Table(
        "Each comparator alone, and all fused", NOTE, ["Comparator", "EER", *at, "Cllr\nbits", "minCllr\nbits"], rows
    )


def _row(found: Findings, each: Errors) -> list[str]:
    calibration = next((cost for cost in found.calibration if cost.name == each.name), None)
    bits = (calibration.cllr, calibration.min_cllr) if calibration else (None, None)
    eer = f"{percent(each.eer)}\n{span(each.eer_interval)}"
    return [each.name, eer, *(_accepted(each, point) for point in each.points), *(number(bit, 4) for bit in bits)]


def _accepted(each: Errors, point: Point) -> str:
    if point.fnmr is None:
        return too_few(point.fmr, each.non_mated)
    missed = f"FNMR {point.fnmr.text()}"
    if not point.fnmr.errors:
        return f"> {percent(1.0 - point.fnmr.interval.high)}\n{missed}"
    return f"{percent(1.0 - point.fnmr.value)}\n{missed}"
