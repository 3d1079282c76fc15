"""What a chapter is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.report.page.tables import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing and how to read it.

    Args:
        svg: the element.
        reading: a plain sentence or two.
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
