"""Tables as HTML: names left-aligned, figures right-aligned, intervals in small type below their figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

NARROW, WIDE = 5, 9
"""Number of columns from which a table takes the whole width, and from which it is set in smaller type."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain text; the part of a cell after a line break is shown in small type below the rest.

    Args:
        title: above it.
        note: a sentence below the title on how to read it; may be empty.
        header: headings of the k columns; the first column names the row.
        rows: rows of k cells.
    """

    title: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def to_html(table: Table) -> str:
    """The table with its caption, in a box that scrolls where the page is too narrow."""
    head = "".join(f'<th scope="col">{_lines(cell)}</th>' for cell in table.header)
    body = "\n".join(_row(row) for row in table.rows)
    note = f'<span class="note">{escape(table.note)}</span>' if table.note else ""
    columns = len(table.header)
    width = ' class="narrow"' if columns < NARROW else ' class="wide"' if columns >= WIDE else ""
    return (
        f'<div class="table"><table{width}>\n<caption>{escape(table.title)}{note}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _row(cells: Sequence[str]) -> str:
    first, *others = cells
    return f'<tr><th scope="row">{_lines(first)}</th>{"".join(f"<td>{_lines(cell)}</td>" for cell in others)}</tr>'


def _lines(cell: str) -> str:
    first, *others = cell.split("\n")
    return escape(first) + "".join(f"<small>{escape(line)}</small>" for line in others)
