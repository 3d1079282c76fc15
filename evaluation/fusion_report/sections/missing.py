"""What each pattern of missing comparators costs."""

from __future__ import annotations

from evaluation.fusion_report.findings import Findings
from evaluation.fusion_report.missing import Pattern
from evaluation.fusion_report.rates import NONE, Rate, number, power
from evaluation.fusion_report.sections.section import Section
from evaluation.fusion_report.tables import Table

NOTE = (
    "Every combination of present comparators that occurs, at the fused threshold that keeps each FMR over all rows. A "
    "missing comparator adds nothing to the fused LLR. Rates have 95 % intervals by bootstrap over people; “–” stands where there "
    "are no such rows, or no threshold."
)


def section(found: Findings) -> Section:
    """The chapter."""
    header = [
        "Present",
        "Mated",
        "Non-mated",
        *(f"{error}\nat FMR {power(fmr)}" for error in ("FNMR", "FMR") for fmr in found.targets),
    ]
    rows = [_row(pattern) for pattern in found.missing]
    return Section(
        "missing",
        "Missing comparators",
        [Table("Patterns of missing comparators", NOTE, [*header, "Cllr\nbits"], rows)],
    )


def _row(pattern: Pattern) -> list[str]:
    return [
        " + ".join(pattern.present) or "nothing",
        f"{pattern.mated:,}",
        f"{pattern.non_mated:,}",
        *(_text(rate) for rate in (*pattern.fnmr, *pattern.fmr)),
        number(pattern.cllr, 4),
    ]


def _text(rate: Rate | None) -> str:
    return NONE if rate is None else rate.text()
