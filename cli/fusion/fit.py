"""`biofusion fusion fit`: fit a fusion model to a table of scores."""

from __future__ import annotations

from pathlib import Path

import click

from cli.fusion.command_line import as_typed, provenance
from cli.fusion.report_tables import show_table
from cli.output.failures import MATCH
from cli.output.output import progress_bar
from evaluation.data.score_table import QUALITY
from evaluation.data.score_table_reader import read_score_table
from evaluation.fusion.carried import carried_table
from evaluation.fusion.fit import fit_fusion, unused_qualities


@click.command("fit")
@click.argument("scores", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="JSON file to write.")
@click.option("--source", default="", help="Citation of the data set; default: the file's name.")
@click.option("--folds", default=5, show_default=True, type=click.IntRange(2), help="Sets of subjects left out once.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Same seed, same model.")
def command(scores: Path, *, out: Path, source: str, folds: int, seed: int) -> int:
    """Fit a fusion model to SCORES.

    SCORES is a CSV file (or .csv.gz): probe,reference,mated, then a column of scores per comparator, higher for more
    alike, empty where missing; optionally <comparator>.quality (0 to 100) and group. Mated rows tell which
    probes and references are one person.
    """
    typed = as_typed("fit", scores, "--out", out.name, "--folds", str(folds), "--seed", str(seed))
    with progress_bar() as progress:
        progress("read", 0, 1)
        table = read_score_table(scores)
        progress("read", 1, 1)
        where = provenance(source or scores.name, typed, folds)
        model = fit_fusion(table, where, seed=seed, progress=lambda done, total: progress("calibrate", done, total))
    out.write_text(model.to_json(), encoding="utf-8")
    by = model.provenance
    click.echo(
        f"{model.fusion_model_id}: {', '.join(model.comparators)}; {by.mated_count:,} mated and "
        f"{by.non_mated_count:,} non-mated rows of {by.subject_count:,} subjects; Cllr {by.cllr:.4f}, minCllr "
        f"{by.min_cllr:.4f} bits on {folds} folds; LLR from {model.llr_min:.2f} to {model.llr_max:.2f}"
        f"{'; uses quality' if model.uses_quality else ''}."
    )
    show_table(carried_table(model))
    for name, scale in zip(model.comparators, model.scales, strict=True):
        if scale.failure is not None:
            click.echo(
                f"{name}: {scale.failure:g} is taken as a code for a comparison that failed, that is, as missing."
            )
    for name in unused_qualities(table):
        told = "it needs two different values or more in mated and in non-mated rows"
        click.echo(f"{name}{QUALITY} is not used: {told}.")
    click.echo(f"Written to {out}.")
    return MATCH
