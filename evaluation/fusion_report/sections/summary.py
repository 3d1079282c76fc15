"""The figures most people come for."""

from __future__ import annotations

from evaluation.fusion_report.errors import Errors, Point
from evaluation.fusion_report.findings import Findings
from evaluation.fusion_report.rates import number, percent, power, span, too_few
from evaluation.fusion_report.tables import Table


def tiles(found: Findings) -> list[tuple[str, str]]:
    """Counts, as figure and what it counts."""
    counts = found.counts
    unmade = counts.mated_missing + counts.non_mated_missing
    return [
        (f"{counts.rows:,}", "comparisons"),
        (f"{counts.mated:,}", "mated (one person)"),
        (f"{counts.non_mated:,}", "non-mated (two people)"),
        (f"{counts.subjects:,}", "people"),
        (f"{counts.probes:,} / {counts.references:,}", "probes / references"),
        (f"{unmade:,}", "rows with nothing compared"),
    ]


def table(found: Findings) -> Table:
    """EER, TAR and FNMR at each FMR, Cllr and minCllr of each column."""
    worth = {each.name: each for each in found.calibration}
    header = [
        "Comparator",
        "EER",
        *(f"TAR (FNMR)\nat FMR {power(fmr)}" for fmr in found.targets),
        "Cllr\nbits",
        "minCllr\nbits",
    ]
    rows = []
    for each in found.errors:
        calibration = worth.get(each.name)
        bits = (calibration.cllr, calibration.min_cllr) if calibration else (None, None)
        cells = [f"{percent(each.eer)}\n{span(each.eer_interval)}", *(_accepted(each, point) for point in each.points)]
        rows.append([each.name, *cells, *(number(bit, 4) for bit in bits)])
    note = (
        "TAR is the share of mated comparisons that match, FNMR the share that do not, at the lowest threshold that keeps "
        "the FMR. Small: FNMR with its 95 % interval, by bootstrap over people. Lower is better for EER, FNMR and Cllr."
    )
    return Table("Each comparator alone, and all fused", note, header, rows)


def _accepted(each: Errors, point: Point) -> str:
    if point.fnmr is None:
        return too_few(point.fmr, each.non_mated)
    return f"{percent(1.0 - point.fnmr.value)}\n{point.fnmr.text()}"
