"""The HTML page of the rates by groups; it needs no network."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.report.findings.differential import Differential
from evaluation.report.groups.bounds import Verdict
from evaluation.report.groups.measured import Grouped
from evaluation.report.page.document import Facts, page
from evaluation.report.page.tables import Table
from evaluation.report.sections.differential import parts, rate_text
from evaluation.report.sections.section import Figure, Section

NONE = "No operating point is carried: there are too few non-mated comparisons for the FMRs that were asked for."
MOST_ROWS = 30
BETWEEN = (
    "An image of one group with an image of the other. Non-mated comparisons between groups are mostly the easier "
    "ones: an FMR of all comparisons hides those within groups. Mated ones exist where people have images in both."
)
MEANING = (
    (
        "Within a group",
        "A comparison belongs to a group if both of its images do. Images without a value are in no rate.",
    ),
    ("All groups", "All comparisons within any group; those between groups are not among them."),
    ("Worst / best", "Largest rate over the smallest (maximum to minimum)."),
    ("Worst / mean", "Largest rate over the geometric mean of the groups' rates, each counting once."),
    ("Ratio to all", "A group's rate over that of all groups."),
    ("Too small", "Fewer than 10 people, or comparisons worth less than 3 independent errors. It is in no ratio."),
    (
        "Intervals",
        "95 %, by people. Those of ratios hold together for all groups of one table and operating point (Bonferroni).",
    ),
)


def groups_page(found: Sequence[Grouped], verdicts: Sequence[Verdict], *, title: str, facts: Facts) -> str:
    """The page: verdicts on bounds if there are any, a chapter for each column, and what the words mean."""
    chapters = [_chapter(number, each) for number, each in enumerate(found)]
    if verdicts:
        rows = [[each.column, each.verdict, each.text] for each in verdicts]
        table = Table("Ratios held against their bounds", "", ["Column", "Verdict", "Why"], rows)
        chapters.insert(0, Section("bounds", "Bounds", [table]))
    words = Table("Terms", "", ["Term", "Meaning"], MEANING)
    return page(title=title, facts=facts, chapters=[*chapters, Section("terms", "Terms", [words])])


def _chapter(number: int, found: Grouped) -> Section:
    counts = ", ".join(f"{name} {count:,}" for name, count in found.images.items())
    images = f"Images: {counts}; without a value: {found.not_stated:,}."
    shown: list[str | Figure | Table] = [images, *(parts(found.within) or [NONE])]
    between = {error: [each for each in found.between if each.error == error] for error in ("FMR", "FNMR")}
    shown.extend(_between(error, rates) for error, rates in between.items() if rates)
    return Section(f"column-{number}", found.column, shown)


def _between(error: str, shown: Sequence[Differential]) -> Table:
    """The rates of each two groups; of many, those with the most errors at the first operating point."""
    order = sorted(range(len(shown[0].groups)), key=lambda row: -shown[0].groups[row].errors)
    kept = [row for row in order if shown[0].groups[row].count][:MOST_ROWS]
    rows = [
        [
            shown[0].groups[row].group,
            f"{shown[0].groups[row].people:,}\n{shown[0].groups[row].count:,}",
            *(rate_text(rate, error) if (rate := each.groups[row].rate) else "too small" for each in shown),
        ]
        for row in kept
    ]
    pooled = ["Any two groups", f"\n{shown[0].pooled.count:,}", *(rate_text(each.pooled, error) for each in shown)]
    header = ["Groups", "People,\ncomparisons", *(f"{error}\nat {each.point}" for each in shown)]
    note = (
        f"{BETWEEN} The {MOST_ROWS} pairs with the most errors; all are in report.json."
        if len(order) > MOST_ROWS
        else BETWEEN
    )
    return Table(f"{error} between groups", note, header, [*rows, pooled])
