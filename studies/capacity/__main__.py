"""`python -m studies.capacity`: print the tables of docs/capacity.md, or bring the document up to date.

Without options it prints every table. `--document docs/capacity.md` replaces the tables of the document, and draws its
picture. `--measure` measures what depends on this version's code, `--store URL` what a store and the indexes keep, and
`--scores OUT/SET` reads the LLRs of sets that `biofusion evaluate` evaluated; all three keep what they find here.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import numpy as np

from biometrics.errors import BiofusionError
from biometrics.template import Modality
from studies.capacity.answers.curves import read_curves, write_curves
from studies.capacity.answers.outcomes import shipped
from studies.capacity.answers.people import UNUSUAL
from studies.capacity.answers.picture import draw_picture, series
from studies.capacity.answers.tables import FPIR, decision_tables
from studies.capacity.needs.figures import Figure, Kind, of, read_figures, write_figures
from studies.capacity.needs.machines import Node
from studies.capacity.needs.tables import machine_tables
from studies.capacity.texts import with_tables

Command = Callable[..., Any]
PICTURE = Path("assets") / "capacity.svg"
PICTURE_PEOPLE = 20_000
SCORES = "python -m studies.capacity --scores OUT/SET"


def all_tables(node: Node) -> dict[str, str]:
    """Every table, by name."""
    return machine_tables(read_figures(), node) | decision_tables(read_curves(), shipped())


def update(document: Path) -> None:
    """Replace the tables of a document, and draw its picture."""
    text = document.read_text(encoding="utf-8")
    document.write_text(with_tables(text, all_tables(Node())), encoding="utf-8")
    picture = document.parent / PICTURE
    draw_picture(picture, series(read_curves(), shipped(), PICTURE_PEOPLE, FPIR), FPIR)


def measure() -> None:
    """Measure the figures of this version's code."""
    from studies.capacity.needs.measuring import measured  # noqa: PLC0415  # compiles the comparators' kernels

    figures = read_figures()
    sizes = {modality: int(of(figures, "template_bytes", modality)) for modality in Modality}
    write_figures(figures | measured(sizes))


def measure_store(url: str) -> None:
    """Measure what a store keeps, and the indexes of it. Raises as `open_store`."""
    from studies.capacity.needs.stores import measured_store  # noqa: PLC0415  # compiles the comparators' kernels

    write_figures(read_figures() | asyncio.run(measured_store(url)))


def read_scores(folders: tuple[Path, ...]) -> None:
    """Read the LLRs and the sizes of templates of evaluated sets. Raises as `curves_of`."""
    from studies.capacity.answers.evaluated import curves_of  # noqa: PLC0415  # needs what evaluations need

    curves, figures = curves_of(folders), read_figures()
    write_curves(curves)
    for modality, of_one in curves.items():
        name = f"template_bytes.{modality.value}"
        largest = int(np.ceil(max(each.template_bytes for each in of_one if each.name not in UNUSUAL)))
        what = f"template of {modality.lower()}, the largest mean of a set"
        figures[name] = Figure(largest, "B", what, Kind.MEASURED, SCORES)
        goal = f"goal of the index for {modality.lower()}: 1.25 times the template"
        figures[f"goal_bytes.{modality.value}"] = Figure(round(1.25 * largest, 1), "B", goal, Kind.ASSUMED, "–")
    write_figures(figures)


def _node_options(command: Command) -> Command:
    """An option for each number of `Node`, such as `--cores` and `--core-hour`."""
    for each in reversed(fields(Node)):
        kind = int if isinstance(each.default, int) else float
        name = f"--{each.name.replace('_', '-')}"
        command = click.option(name, each.name, type=kind, default=each.default, show_default=True)(command)
    return command


@click.command()
@click.option("--measure", "wants_measuring", is_flag=True, help="Measure sealed sets, rows and stacks anew.")
@click.option("--store", help="URL of an empty store: measure what it and the indexes keep of made-up subjects.")
@click.option("--scores", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True, help="OUT/SET.")
@click.option("--document", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="docs/capacity.md.")
@_node_options
def main(
    store: str | None, scores: tuple[Path, ...], document: Path | None, *, wants_measuring: bool, **node: Any
) -> None:
    """Print the tables of the capacity plan; or measure, or bring the document up to date."""
    try:
        if wants_measuring:
            measure()
        if store:
            measure_store(store)
        if scores:
            read_scores(scores)
        if document:
            update(document)
        if not (wants_measuring or store or scores or document):
            for name, text in all_tables(Node(**node)).items():
                click.echo(f"## {name}\n\n{text}\n")
    except BiofusionError as error:
        raise click.ClickException(error.message) from error


if __name__ == "__main__":
    sys.exit(main())
