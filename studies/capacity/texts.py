"""Tables and numbers as Markdown, and where they are in a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

MARKED = re.compile(r"(<!-- capacity: (?P<name>[^>]*?) -->\n)(?:.*?\n)??(<!-- end -->)", re.DOTALL)
"""A table in a document: between a line with its name and a line that ends it."""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def count(value: float) -> str:
    """A whole number with separators: 300,000,000."""
    return f"{value:,.0f}"


def percent(share: float) -> str:
    """A share in %: with two digits after the point below 10 %, else with one; 0 and 100 without."""
    value = 100.0 * share
    if value in (0.0, 100.0):
        return f"{value:.0f}"
    return f"{value:.2f}" if value < 10.0 or value > 99.0 else f"{value:.1f}"


def size(value: float) -> str:
    """Bytes in the unit that keeps the number below 1,000, powers of 1,000: 4.2 GB."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1000.0 or unit == "TB":
            break
        value /= 1000.0
    return f"{value:.3g} {unit}" if value < 1000.0 else f"{value:,.0f} {unit}"


def with_tables(document: str, tables: Mapping[str, str]) -> str:
    """The document with every marked table replaced.

    Raises:
        KeyError: the document marks a table that there is none of.
    """
    return MARKED.sub(lambda found: f"{found[1]}{tables[found['name']]}\n{found[3]}", document)


def marked(document: str) -> list[str]:
    """Names of the tables that a document marks, in order."""
    return [found["name"] for found in MARKED.finditer(document)]
