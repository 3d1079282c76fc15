"""Chapter on methods: the terms used, and how the figures are made."""

from __future__ import annotations

from evaluation.metrics.intervals import LEVEL
from evaluation.report.findings.all_findings import Findings
from evaluation.report.page.tables import Table
from evaluation.report.sections.section import Section

TERMS = (
    ("FMR, FNMR", "Share of non-mated comparisons that match, and of mated ones that do not (ISO/IEC 19795-1)."),
    ("TAR", "True accept rate, 1 − FNMR."),
    ("EER", "The rate at which FMR and FNMR are equal."),
    (
        "Not made",
        "A mated comparison that was not made is a non-match at every threshold; non-mated ones are left out.",
    ),
    ("Carried", "An FMR is shown where there are 3/FMR comparisons. How few people were seen, the intervals say."),
    (
        "Intervals",
        (
            f"{100 * LEVEL:g} %. Comparisons of one person err together, so they count as fewer: as many independent "
            "ones as would vary as much (Clopper–Pearson limits of the effective number)."
        ),
    ),
    ("LLR", "log10 of how much more probable the scores are if both are one person than if they are two."),
    ("Cllr", "Cost of LLRs in bits per comparison: 0 is perfect, 1 is worth nothing (Brümmer and du Preez, 2006)."),
    (
        "FPIR, FNIR",
        "Share of searches for strangers that find somebody, and of searches for enrolled people that fail.",
    ),
)


def section(_: Findings) -> Section:
    """The chapter."""
    return Section("methods", "How the figures are made", [Table("Terms", "", ["Term", "Meaning"], TERMS)])
