"""The HTML page of a report: summary, chapters, provenance; it needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from evaluation.report.findings.all_findings import Findings
from evaluation.report.page.tables import Table, to_html
from evaluation.report.sections import (
    calibration,
    differential,
    distributions,
    errors,
    identification,
    methods,
    missing,
    quality,
    review,
)
from evaluation.report.sections import summary as opening
from evaluation.report.sections.section import Figure, Section

Facts = Sequence[tuple[str, str]]
CHAPTERS = (errors, distributions, calibration, missing, quality, identification, review, differential)


def render(found: Findings, *, title: str, facts: Facts, tables: Sequence[Table]) -> str:
    """The HTML page of measured findings."""
    chapters = [chapter.section(found) for chapter in CHAPTERS]
    if tables:
        chapters.append(Section("further", "Further tables", list(tables)))
    chapters.append(methods.section(found))
    return page(title=title, facts=facts, chapters=chapters, summary=_summary(found))


def page(*, title: str, facts: Facts, chapters: Sequence[Section], summary: str = "") -> str:
    """An HTML page.

    Args:
        title: its heading.
        facts: names and values, shown below the title.
        chapters: its chapters, in order.
        summary: HTML of the section with the id "summary", above the chapters; may be "".
    """
    style = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
{_facts(facts)}
</header>
<nav aria-label="Contents"><ul>{_links(chapters, summary)}</ul></nav>
<main>
{summary}
{"".join(_section(chapter) for chapter in chapters)}
</main>
</body>
</html>
"""


def _facts(facts: Facts) -> str:
    lines = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{lines}</dl>' if lines else ""


def _links(chapters: Sequence[Section], summary: str) -> str:
    pairs = [("summary", "Summary")] if summary else []
    pairs += [(chapter.anchor, chapter.title) for chapter in chapters]
    return "".join(f'<li><a href="#{anchor}">{escape(title)}</a></li>' for anchor, title in pairs)


def _summary(found: Findings) -> str:
    tiles = "".join(f"<div><dd>{value}</dd><dt>{name}</dt></div>" for value, name in opening.tiles(found))
    return (
        f'<section id="summary" aria-labelledby="summary-title"><h2 id="summary-title">Summary</h2>\n'
        f'<dl class="tiles">{tiles}</dl>\n{to_html(opening.table(found))}</section>\n'
    )


def _section(chapter: Section) -> str:
    parts = "\n".join(_part(part) for part in chapter.parts)
    name = f"{chapter.anchor}-title"
    heading = f'<h2 id="{name}">{escape(chapter.title)}</h2>'
    return f'<section id="{chapter.anchor}" aria-labelledby="{name}">{heading}\n{parts}</section>\n'


def _part(part: str | Figure | Table) -> str:
    if isinstance(part, Figure):
        return f"<figure>{part.svg}<figcaption>{escape(part.reading)}</figcaption></figure>"
    return to_html(part) if isinstance(part, Table) else f"<p>{escape(part)}</p>"
