"""`python -m studies.fusing.fusion_missing SCORES.csv`: the cost of missing half of one comparator's scores.

For each comparator in turn, half of its scores are removed from the rows fitted on and from the rows tested. "One
model" is fitted to the remaining scores and answers every row. "Two models" is the best that these rows allow: one is
fitted to all scores and answers the complete rows; the other is fitted to all scores of the other comparators and
answers the incomplete rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from biometrics.score_fusion.fusion import ScoreFusion
from evaluation.data.score_table import ScoreTable
from evaluation.fusion.fit import fit_fusion
from evaluation.fusion.measures import FMRS
from evaluation.metrics.verification import Floats
from evaluation.protocol.splits import Split, random_halves
from studies.fusing.fusion_methods import PROVENANCE, tar, told

LEFT_OUT = 0.5


def without_half(table: ScoreTable, column: int, seed: int) -> ScoreTable:
    """The table with half of a column's cells missing."""
    scores = table.scores.copy()
    scores[np.random.default_rng(seed).random(len(table)) < LEFT_OUT, column] = np.nan
    return replace(table, scores=scores)


def by_models(table: ScoreTable, sparse: ScoreTable, split: Split, column: int) -> dict[str, Floats]:
    """LLR of the tested rows by one model and by two, shape (n,) each."""
    test = sparse.rows(split.test)
    rest = tuple(name for place, name in enumerate(table.comparators) if place != column)
    complete, others = _fit(table.rows(split.train)), _fit(table.with_comparators(rest).rows(split.train))
    gone = np.isnan(test.scores[:, column])
    two = np.where(gone, others.llr(test.with_comparators(rest).scores), complete.llr(test.scores))
    return {"two models": two, "one model": _fit(sparse.rows(split.train)).llr(test.scores)}


def _fit(table: ScoreTable) -> ScoreFusion:
    return fit_fusion(table, PROVENANCE, progress=lambda _done, _total: None)


def run(table: ScoreTable, times: int, seed: int, say: Callable[[str], None]) -> None:
    """Write one line of Markdown per comparator, by calls of `say`: mean TAR over the halves."""
    say(
        f"| half of this missing | TAR at FMR {FMRS[-1]:g}, %: two models | one model | difference |\n|---|---|---|---|"
    )
    for column, name in enumerate(table.comparators):
        sparse = without_half(table, column, seed)
        found = [
            tar(by_models(table, sparse, split, column), table.mated[split.test])
            for split in random_halves(table, times, seed)
        ]
        two, one = (100 * float(np.mean([each[which][-1] for each in found])) for which in ("two models", "one model"))
        say(f"| {name} | {two:.2f} | {one:.2f} | {one - two:+.2f} |")


@click.command()
@click.argument("scores", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--random-halves", default=5, show_default=True, type=click.IntRange(1), help="Halves of the subjects.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of halves and missing cells.")
def main(scores: Path, *, random_halves: int, seed: int) -> None:
    """Print what a comparator that is missing in half of the rows of SCORES costs."""
    told(run, scores, random_halves, seed)


if __name__ == "__main__":
    main()
