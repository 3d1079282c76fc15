"""Printing the tables of a report on the terminal."""

from __future__ import annotations

from rich import table as rich

from cli.output.output import console
from evaluation.report.page.tables import Table


def show_table(made: Table) -> None:
    """Print a table, names left-aligned, figures right-aligned."""
    table = rich.Table(box=None, pad_edge=False)
    for place, name in enumerate(made.header):
        table.add_column(name, justify="right" if place else "left")
    for row in made.rows:
        table.add_row(*row)
    console().print(table)
