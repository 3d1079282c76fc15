"""`biofusion fusion evaluate`: scores.csv → fused.csv.gz, report.html and report.json."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from biometrics.score_fusion import ScoreFusion
from biometrics.score_fusion_parts import Provenance
from evaluation.fusion.fit import fit_fusion
from evaluation.fusion.measures import FMRS, Measures, measure
from evaluation.fusion.score_table import ScoreTable
from evaluation.fusion.splits import Split
from evaluation.fusion_report import findings, page
from evaluation.fusion_report.outcome import Outcome
from evaluation.fusion_report.tables import Table

POOLED_ROWS = 10_000_000
"""Of all test sets together, most that are in the report."""

ROWS_AT_ONCE = 1_000_000

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Tested:
    """A test set with what a model says of it; columns as in Outcome, `fmr` is the claimed one."""

    table: ScoreTable
    single_llr: NDArray[np.float32]
    llr: NDArray[np.float32]
    fmr: NDArray[np.float32]

    @property
    def measures(self) -> Measures:
        """Figures of this set, beside the best there was before: each comparator, and the sum of their LLRs."""
        nothing = np.isnan(self.single_llr).all(axis=1)
        total = np.where(nothing, np.nan, np.nansum(self.single_llr, axis=1))
        columns = dict(zip(self.table.comparators, self.table.scores.T, strict=True))
        columns |= {"sum of LLRs": total, "fused": np.where(nothing, np.nan, self.llr)}
        return measure(columns, self.llr.astype(np.float64), self.fmr.astype(np.float64), self.table.mated)


def apply(model: ScoreFusion, table: ScoreTable) -> Tested:
    """What a model says of every row.

    Raises:
        FieldInvalid: a column that the model does not know.
    """
    table = arranged(model, table)
    count = len(table)
    single = np.empty(table.scores.shape, np.float32)
    llr, fmr = np.empty(count, np.float32), np.empty(count, np.float32)
    for start in range(0, count, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        quality = None if table.quality is None else table.quality[rows]
        fused = model.fuse(table.scores[rows], quality)
        llr[rows], fmr[rows] = fused.llr, fused.fmr
        single[rows] = model.single_llr(table.scores[rows], quality)
    return Tested(table, single, llr, fmr)


def arranged(model: ScoreFusion, table: ScoreTable) -> ScoreTable:
    """The table with the model's columns in its order; a comparator that the table lacks is missing everywhere."""
    if unknown := [name for name in table.comparators if name not in model.comparators]:
        known = ", ".join(model.comparators)
        raise FieldInvalid(unknown[0], f"the model does not know this comparator, so its scores say nothing. It knows: {known}.")
    return table.with_comparators(model.comparators)


def held_out(
    table: ScoreTable, splits: Sequence[Split], provenance: Provenance, progress: Progress
) -> Iterator[tuple[ScoreFusion, Tested]]:
    """Fit on each split's one side, and say what that model says of the other."""
    for done, split in enumerate(splits):
        progress("fit and test", done, len(splits))
        model = fit_fusion(table.rows(split.train), provenance, progress=lambda _done, _total: None)
        yield model, apply(model, table.rows(split.test))
    progress("fit and test", len(splits), len(splits))
