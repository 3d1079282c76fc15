"""`python -m studies.fusing.shipped_model DIR/scores.csv.gz`: error rates of the shipped model on three modalities.

LLRs of the comparators are summed, with the probe's quality where a calibration uses it (`<comparator>.quality`).
All figures are over rows that every comparator compared, so that patterns of missing scores differ only in what is
left out. Intervals are 95 %, by subjects of samples.csv (docs/decisions/0021).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats
from biometrics.errors import BiofusionError, FieldInvalid
from evaluation.data.csv_rows import read_rows
from evaluation.data.score_table import QUALITY
from evaluation.data.score_table_reader import read_score_table
from evaluation.metrics.cllr import cllr, min_cllr
from evaluation.metrics.det_band import error_band
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.metrics.verification import carries, fnmr_at, fnmr_at_fmr
from fusion.configured import COMPARATORS
from infra.calibrations import load_all

TARGETS = (1e-3, 1e-4)
CLAIMS = (2.0, 3.0, 4.0)
"""LLRs that claim an FMR of at most 1e-2, 1e-3 and 1e-4."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows that every comparator compared.

    Args:
        llrs: log10 LR by comparator, shape (k,) each.
        mated: shape (k,).
        first: number of the probe's subject, shape (k,).
        second: number of the reference's subject.
    """

    llrs: Mapping[str, Floats]
    mated: NDArray[np.bool_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]


def read_evidence(path: Path) -> Evidence:
    """Read the scores of the comparators that fuse our own templates, and calibrate them.

    Raises:
        FieldInvalid: a column is missing, or there is no samples.csv beside the file.
    """
    table = read_score_table(path, np.float64)
    llrs = {
        comparator_id: calibration.llr(table.column(comparator_id), table.column(comparator_id + QUALITY))
        for comparator_id, calibration in load_all().items()
        if comparator_id in COMPARATORS.values()
    }
    subject_of = {row["path"]: row["subject"] for _, row in read_rows(path.parent / "samples.csv", ("path", "subject"))}
    if missing := [name for name in table.names if name not in subject_of]:
        raise FieldInvalid("samples.csv", f"{missing[0]} is missing.")
    subject = np.unique([subject_of[name] for name in table.names], return_inverse=True)[1].astype(np.int64)
    whole = ~np.isnan(list(llrs.values())).any(axis=0)
    sides = (subject[side][whole] for side in (table.probe, table.reference))
    return Evidence({name: each[whole] for name, each in llrs.items()}, table.mated[whole], *sides)


def lines(evidence: Evidence) -> Iterator[str]:
    """A Markdown table, one line per combination of comparators; rates in %."""
    heads = "FNMR at FMR 1e-3, % | at 1e-4, % | Cllr / minCllr, bits | FMR of LLR ≥ 2, 3, 4, % | FNMR at LLR ≥ 4, %"
    yield f"| what is there | {heads} |\n{6 * '|---'}|"
    names = list(evidence.llrs)
    for count in range(1, len(names) + 1):
        for chosen in combinations(names, count):
            yield _line(" + ".join(chosen), evidence, np.sum([evidence.llrs[name] for name in chosen], axis=0))


def _line(name: str, evidence: Evidence, llr: Floats) -> str:
    mated, other = llr[evidence.mated], llr[~evidence.mated]
    rates = " | ".join(_rates(evidence, llr))
    claimed = ", ".join(f"{100 * float((other >= claim).mean()):.4f}" for claim in CLAIMS)
    strong = f"{100 * fnmr_at(mated, CLAIMS[-1]):.2f}"
    return f"| {name} | {rates} | {cllr(mated, other):.5f} / {min_cllr(mated, other):.5f} | {claimed} | {strong} |"


def _rates(evidence: Evidence, llr: Floats) -> Sequence[str]:
    sides = [
        Comparisons(llr[part], evidence.first[part], evidence.second[part])
        for part in (evidence.mated, ~evidence.mated)
    ]
    band = error_band(sides[0], sides[1], TARGETS)
    found = [fnmr_at_fmr(sides[0].scores, sides[1].scores, target) for target in TARGETS]
    return [
        "–" if rate is None else f"{100 * rate:.2f} ({100 * low:.2f}–{100 * high:.2f})"
        for rate, low, high in zip(found, band.low, band.high, strict=True)
    ]


def ratio(evidence: Evidence, target: float) -> str:
    """A sentence that compares the fused FNMR at an FMR with that of the best comparator alone."""
    alone = {
        name: fnmr_at_fmr(llr[evidence.mated], llr[~evidence.mated], target) for name, llr in evidence.llrs.items()
    }
    fused = np.sum(list(evidence.llrs.values()), axis=0)
    rate = fnmr_at_fmr(fused[evidence.mated], fused[~evidence.mated], target)
    if rate is None or not carries(int(np.count_nonzero(~evidence.mated)), target):
        return f"FMR {target:g}: too few non-mated rows."
    best = min(alone, key=lambda name: alone[name] or 0.0)
    least = alone[best] or 0.0
    share = f"{rate / least:.3f} of it" if least else "the best has no error either"
    return f"FMR {target:g}: best alone {best}, FNMR {100 * least:.2f} %; fused {100 * rate:.2f} %: {share}."


@click.command()
@click.argument("scores", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(scores: Path) -> None:
    """Print a table of every pattern of missingness, and how the fused errors compare to the best comparator's."""
    try:
        evidence = read_evidence(scores)
        mated = int(np.count_nonzero(evidence.mated))
        people = np.unique(np.append(evidence.first, evidence.second)).size
        click.echo(f"{people} people, {mated:,} mated and {evidence.mated.size - mated:,} non-mated complete rows.\n")
        for line in lines(evidence):
            click.echo(line)
        click.echo("\n" + "\n".join(ratio(evidence, target) for target in TARGETS))
    except (BiofusionError, OSError, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
