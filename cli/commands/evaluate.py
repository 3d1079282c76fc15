"""`biofusion evaluate`: measure error rates on a set of images."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.table import Table

from biometrics.template import Modality
from cli.local.modalities import comparator, extractor, modality_option
from cli.output.failures import MATCH
from cli.output.output import console, json_option, progress_bar
from evaluation.evaluate import run


@click.command("evaluate")
@click.argument("images", type=click.Path(path_type=Path))
@modality_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for scores, report and plot.")
@click.option("--pairs", type=click.Path(path_type=Path), help="pairs.csv; default: every pair of images.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, type=click.IntRange(1), help="Threads.")
@json_option
def command(images: Path, *, modality: Modality, out: Path, pairs: Path | None, workers: int, as_json: bool) -> int:
    """Measure error rates on the set that IMAGES (images.csv) lists.

    Writes scores.csv.gz, report.json, det.png and edc.png into the folder; a run that was interrupted goes on
    where it stopped. The folder also holds the templates, which are biometric data.
    """
    with progress_bar() as progress:
        report = run(
            images,
            extractor(modality),
            comparator(modality),
            out,
            pairs=pairs,
            workers=workers,
            progress=progress,
        )
    if as_json:
        click.echo(report.to_json(), nl=False)
        return MATCH
    table = Table(box=None, pad_edge=False, show_header=False)
    for what, how_much in report.table():
        table.add_row(what, how_much)
    console().print(table)
    click.echo(f"Written to {out}.")
    return MATCH
