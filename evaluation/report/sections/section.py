"""Types that a chapter is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.report.page.tables import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and how to read it.

    Args:
        svg: the `<svg>` element.
        reading: a sentence or two on how to read it, plain text.
    """

    svg: str
    reading: str


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter.

    Args:
        anchor: its id in the page.
        title: heading.
        parts: paragraphs (plain text), figures and tables, in order.
    """

    anchor: str
    title: str
    parts: Sequence[str | Figure | Table]
