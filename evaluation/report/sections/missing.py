"""Chapter on missing scores: error rates and Cllr by pattern of missing comparators."""

from __future__ import annotations

from evaluation.report.findings.all_findings import Findings
from evaluation.report.findings.missing import Pattern
from evaluation.report.findings.number_text import NONE, number, power
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Section

NOTE = (
    "Every combination of present comparators that occurs, at the fused threshold that keeps each FMR over all rows. A "
    "missing comparator adds nothing to the fused LLR. Small: 95 % intervals by people; “–” stands "
    "where there are no such rows. An FMR that the rows do not carry has no column."
)


def section(found: Findings) -> Section:
    """The chapter."""
    carried = [place for place, point in enumerate(found.errors[-1].points) if point.threshold is not None]
    header = ["Present", "Mated", "Non-mated"]
    header += [f"{error}\nat FMR {power(found.targets[place])}" for error in ("FNMR", "FMR") for place in carried]
    every = {name for pattern in found.missing for name in pattern.present or ()}
    rows = [_row(pattern, every, carried) for pattern in found.missing]
    return Section(
        "missing",
        "Missing comparators",
        [Table("Patterns of missing comparators", NOTE, [*header, "Cllr\nbits"], rows)],
    )


def _row(pattern: Pattern, every: set[str], carried: list[int]) -> list[str]:
    return [
        _named(pattern.present, every),
        f"{pattern.mated:,}",
        f"{pattern.non_mated:,}",
        *(NONE if rate is None else rate.text() for rate in (pattern.fnmr[place] for place in carried)),
        *(NONE if rate is None else rate.small_text() for rate in (pattern.fmr[place] for place in carried)),
        number(pattern.cllr, 4),
    ]


def _named(present: tuple[str, ...] | None, every: set[str]) -> str:
    """A pattern in words: the comparators present, or the missing ones where these are fewer."""
    if present is None:
        return "rarer patterns"
    absent = sorted(every.difference(present))
    if not present:
        return "nothing"
    if not absent:
        return "all" if len(every) > 1 else present[0]
    return f"without {', '.join(absent)}" if len(absent) < len(present) else f"only {', '.join(present)}"
