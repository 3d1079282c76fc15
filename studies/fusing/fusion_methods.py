"""`python -m studies.fusing.fusion_methods SCORES.csv --random-halves K`: error rates of other fusion methods.

| method | what it is |
|---|---|
| sum of LLRs | each comparator calibrated alone, as if they were independent |
| logistic, scores | linear logistic regression on standardised scores (Brümmer and du Preez, 2006), missing ones 0 |
| logistic, LLRs | the same on the LLRs of each comparator alone |
| one mixture | a Gaussian mixture of two components for mated rows, of six for non-mated ones |
| fused | the shipped method: the mean of several such mixtures |
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from biometrics.score_fusion.parts import Provenance
from evaluation.calibration.logistic import fit_logistic
from evaluation.data.score_table import ScoreTable
from evaluation.data.score_table_reader import read_score_table
from evaluation.fusion.fit import fit_fusion
from evaluation.fusion.measures import FMRS
from evaluation.metrics.verification import Floats, fnmr_at_fmr
from evaluation.protocol.splits import Split, random_halves

Run = Callable[[ScoreTable, int, int, Callable[[str], None]], None]
"""Takes the table, the number of halves, the seed, and a function that is called with each line of output."""

PROVENANCE = Provenance("", "", "", 0, 0, 0, 5, 0.0, 0.0)
RIDGE, NO_RIDGE = 1e-4, 1e-12


def by_methods(table: ScoreTable, split: Split) -> dict[str, Floats]:
    """Fused scores of the tested rows by method, shape (n,) each."""
    train, test = table.rows(split.train), table.rows(split.test)
    model = fit_fusion(train, PROVENANCE, progress=lambda _done, _total: None)
    one = replace(model, mated=model.mated[:1], non_mated=model.non_mated[:1])
    single = [model.single_llr(each.scores) for each in (train, test)]
    made = [np.where(np.isnan(llr), np.nan, each.scores) for llr, each in zip(single, (train, test), strict=True)]
    centre, spread = np.nanmean(made[0], axis=0), np.nanstd(made[0], axis=0)
    standard = [np.nan_to_num((each - centre) / spread) for each in made]
    alone = [np.nan_to_num(each) for each in single]
    return {
        "sum of LLRs": alone[1].sum(axis=1),
        "logistic, scores": standard[1] @ logistic(standard[0], train.mated),
        "logistic, LLRs": alone[1] @ logistic(alone[0], train.mated),
        "one mixture": one.llr(test.scores),
        "fused": model.llr(test.scores),
    }


def logistic(x: Floats, mated: NDArray[np.bool_]) -> Floats:
    """Weights of a linear logistic regression with equal priors, without the offset.

    Args:
        x: finite, shape (n, d).
        mated: shape (n,).
    """
    design = np.column_stack((x, np.ones(len(x))))
    ridge = np.append(np.full(x.shape[1], RIDGE), NO_RIDGE)
    return fit_logistic(design, mated.astype(np.float64), (~mated).astype(np.float64), ridge=ridge)[:-1]


def tar(scores: Mapping[str, Floats], mated: NDArray[np.bool_]) -> dict[str, list[float]]:
    """True accept rates, 0–1, at each of FMRS; NaN where there are too few non-mated comparisons for that FMR."""
    rates = {name: [fnmr_at_fmr(s[mated], s[~mated], fmr) for fmr in FMRS] for name, s in scores.items()}
    return {name: [np.nan if fnmr is None else 1.0 - fnmr for fnmr in each] for name, each in rates.items()}


@click.command()
@click.argument("scores", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--random-halves", default=20, show_default=True, type=click.IntRange(1), help="Halves of the subjects.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the halves.")
def main(scores: Path, *, random_halves: int, seed: int) -> None:
    """Print the TAR of each method, mean and worst of the halves."""
    told(run, scores, random_halves, seed)


def told(say_all: Run, scores: Path, times: int, seed: int) -> None:
    """Print the output of `say_all` for a file of scores, or what is wrong with the file."""
    try:
        say_all(read_score_table(scores), times, seed, click.echo)
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


def run(table: ScoreTable, times: int, seed: int, say: Callable[[str], None]) -> None:
    """Write one line of Markdown per method, by calls of `say`."""
    found: dict[str, list[list[float]]] = {}
    for split in random_halves(table, times, seed):
        for name, rates in tar(by_methods(table, split), table.mated[split.test]).items():
            found.setdefault(name, []).append(rates)
    header = [f"TAR at FMR {fmr:g}, %, mean (worst)" for fmr in FMRS]
    say(f"| method | {' | '.join(header)} |\n{'|---' * (1 + len(FMRS))}|")
    for name, halves in found.items():
        both = zip(100 * np.mean(halves, axis=0), 100 * np.min(halves, axis=0), strict=True)
        say(f"| {name} | {' | '.join(f'{mean:.2f} ({worst:.2f})' for mean, worst in both)} |")


if __name__ == "__main__":
    main()
