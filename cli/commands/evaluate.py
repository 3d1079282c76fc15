"""`biofusion evaluate`: measure error rates on a set of images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import click
from rich.table import Table

from biometrics.template import Modality
from cli.local.modalities import comparator, extractor, modality_option
from cli.output.failures import MATCH, NO_MATCH
from cli.output.output import console, json_option, progress_bar
from evaluation.evaluate import run
from evaluation.report.evaluation_report import Report
from evaluation.report.groups.asked import Asked, Bound
from evaluation.report.groups.bounds import EXCEEDED

USUAL_FMR = 1e-3


@click.command("evaluate")
@click.argument("images", type=click.Path(path_type=Path))
@modality_option
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for scores, report and plot.")
@click.option("--pairs", type=click.Path(path_type=Path), help="pairs.csv; default: every pair of images.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, type=click.IntRange(1), help="Threads.")
@click.option("--group", "groups", multiple=True, metavar="COLUMN", help="Rates by this column of images.csv, too.")
@click.option(
    "--at-fmr",
    "fmrs",
    multiple=True,
    type=click.FloatRange(0.0, 1.0, min_open=True, max_open=True),
    help=f"With --group: where rates are taken, an FMR of all comparisons; default: {USUAL_FMR:g}, if no --threshold.",
)
@click.option("--threshold", "thresholds", multiple=True, type=float, help="The same, as a threshold of the score.")
@click.option(
    "--most-ratio",
    "bounds",
    multiple=True,
    metavar="ERROR[:BASE]=R",
    help="Exit with 1 if the rate of the worst group is surely more than R times that of the best: FNMR=2 or FMR=3; "
    "FNMR:mean=2, than the geometric mean of all groups' rates; FNMR:all=2, than that of all groups together.",
)
@json_option
def command(
    images: Path,
    *,
    modality: Modality,
    out: Path,
    pairs: Path | None,
    workers: int,
    groups: Sequence[str],
    fmrs: Sequence[float],
    thresholds: Sequence[float],
    bounds: Sequence[str],
    as_json: bool,
) -> int:
    """Measure error rates on the set that IMAGES (images.csv) lists.

    Writes scores.csv.gz, report.json, det.png and edc.png into the folder, and groups.html with --group; a run that was
    interrupted goes on where it stopped. The folder also holds the templates, which are biometric data.
    """
    if not groups and (fmrs or thresholds or bounds):
        raise click.UsageError("--at-fmr, --threshold and --most-ratio need --group.")
    if not all(map(isfinite, thresholds)):
        raise click.UsageError("--threshold must be a finite number.")
    fmrs = fmrs or (() if thresholds else (USUAL_FMR,))
    asked = Asked(tuple(dict.fromkeys(groups)), tuple(fmrs), tuple(thresholds), tuple(map(Bound.read, bounds)))
    with progress_bar() as progress:
        report = run(
            images,
            extractor(modality),
            comparator(modality),
            out,
            pairs=pairs,
            workers=workers,
            progress=progress,
            asked=asked,
        )
    if as_json:
        click.echo(report.to_json(), nl=False)
    else:
        _tell(report, out)
    return NO_MATCH if any(each.verdict == EXCEEDED for each in report.bounds) else MATCH


def _tell(report: Report, out: Path) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for what, how_much in report.table():
        table.add_row(what, how_much)
    console().print(table)
    for each in report.bounds:
        click.echo(each.text)
    click.echo(f"Written to {out}.")
