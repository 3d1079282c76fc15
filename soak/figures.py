"""The figures of a campaign, each with its goal."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        what: the quantity measured, with sizes.
        goal: the required value, as text.
        found: the measured value, as text.
        is_reached: whether the goal is reached.
    """

    what: str
    goal: str
    found: str
    is_reached: bool


def report(kind: str, found: Mapping[str, Sequence[Figure]]) -> int:
    """Print one table of all figures; returns the exit status, 1 if a goal is not reached.

    Args:
        kind: heading of the first column, such as "campaign".
        found: the figures by the name in that column.
    """
    table = Table(kind, "what", "goal", "found", "reached")
    for name, figures in found.items():
        for each in figures:
            table.add_row(name, each.what, each.goal, each.found, "yes" if each.is_reached else "NO")
    Console(width=180).print(table, f"{os.cpu_count()} cores")
    return 0 if all(each.is_reached for figures in found.values() for each in figures) else 1
