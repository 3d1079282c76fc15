"""`biofusion fusion evaluate`: measure a fusion model on a table of scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from cli.fusion.command_line import as_typed, provenance, read_model
from cli.fusion.report_tables import show_table
from cli.output.failures import MATCH
from cli.output.output import progress_bar
from evaluation.data.score_table import ScoreTable
from evaluation.data.score_table_reader import read_score_table
from evaluation.fusion.carried import carried_table
from evaluation.fusion.evaluate import evaluate_model, evaluate_splits
from evaluation.fusion.held_table import held_table
from evaluation.fusion.measures import Measures
from evaluation.protocol.splits import cross_validation
from evaluation.protocol.splits import random_halves as halved
from evaluation.report.plots import check_installed

FOLDS = 5
Progress = Callable[[str, int, int], None]


@click.command("evaluate")
@click.argument("scores", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--model", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="As `fit` wrote it.")
@click.option("--cross-validate", type=click.IntRange(2), help="Fit and test anew on so many folds of subjects.")
@click.option("--random-halves", type=click.IntRange(1), help="Fit on half of the subjects, test on the others; times.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of folds and halves.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the report.")
def command(
    scores: Path, *, model: Path | None, cross_validate: int | None, random_halves: int | None, seed: int, out: Path
) -> int:
    """Measure how well SCORES are fused: by a model, or by models fitted to a part of SCORES and tested on the rest.

    Writes report.html, report.json and fused.csv.gz (LLR and claimed FMR of every row tested) into the folder.
    """
    if sum(each is not None for each in (model, cross_validate, random_halves)) != 1:
        raise click.UsageError("Give one of --model, --cross-validate and --random-halves.")
    check_installed()
    with progress_bar() as progress:
        progress("read", 0, 1)
        table = read_score_table(scores)
        progress("read", 1, 1)
        used = read_model(model) if model else None
        if used:
            measures = [evaluate_model(table, used, out, title=f"Fusion of {scores.name}", progress=progress)]
        else:
            measures = _by_splits(table, scores, cross_validate, random_halves, seed, out, progress)
    show_table(held_table(measures))
    if used:
        show_table(carried_table(used))
    click.echo(f"Written to {out}.")
    return MATCH


def _by_splits(
    table: ScoreTable, scores: Path, folds: int | None, halves: int | None, seed: int, out: Path, progress: Progress
) -> list[Measures]:
    option, count = ("--cross-validate", folds) if folds else ("--random-halves", halves)
    how = f"{folds}-fold cross-validation by subject" if folds else f"{halves} times random halves of the subjects"
    splits = list(cross_validation(table, folds, seed) if folds else halved(table, halves or 1, seed))
    where = provenance(scores.name, as_typed("evaluate", scores, option, str(count), "--seed", str(seed)), FOLDS)
    title = f"Fusion of {scores.name}"
    return evaluate_splits(table, splits, where, out, title=title, how=how, progress=progress)
