"""A table of scores with a model's LLR and claimed FMR of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from biometrics.score_fusion.fusion import ScoreFusion
from evaluation.data.pairs_csv import Pairs
from evaluation.data.score_table import ScoreTable
from evaluation.fusion.measures import Measures, measure
from evaluation.report.findings.outcome import Outcome

ROWS_AT_ONCE = 1_000_000
POOLED_ROWS = 10_000_000
"""Most rows, of all test sets together, that the report uses."""


@dataclass(frozen=True, slots=True)
class Tested:
    """A test set with a model's results; columns as in Outcome, `fmr` is the claimed FMR."""

    table: ScoreTable
    single_llr: NDArray[np.float32]
    llr: NDArray[np.float32]
    fmr: NDArray[np.float32]

    @property
    def measures(self) -> Measures:
        """Figures of the fused LLR beside those of each comparator and of the sum of their LLRs."""
        nothing = np.isnan(self.single_llr).all(axis=1)
        total = np.where(nothing, np.nan, np.nansum(self.single_llr, axis=1))
        columns = dict(zip(self.table.comparators, self.table.scores.T, strict=True))
        columns |= {"sum of LLRs": total, "fused": np.where(nothing, np.nan, self.llr)}
        return measure(columns, self.llr.astype(np.float64), self.fmr.astype(np.float64), self.table.mated)

    @property
    def pairs(self) -> Pairs:
        """The comparisons, by image number."""
        return Pairs(self.table.probe, self.table.reference, self.table.mated)

    def outcome(self) -> Outcome:
        """The outcome that the report measures."""
        table, subject = self.table, self.table.subjects()
        return Outcome(
            comparators=table.comparators,
            scores=table.scores,
            single_llr=self.single_llr,
            llr=self.llr,
            mated=table.mated,
            probe=table.probe,
            reference=table.reference,
            first=subject[table.probe],
            second=subject[table.reference],
            quality=table.quality,
            group=table.group,
            group_names=table.group_names,
        )


def apply(model: ScoreFusion, table: ScoreTable) -> Tested:
    """Apply a model to every row.

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
    made = replace(table, scores=np.where(np.isnan(single), np.float32(np.nan), table.scores))
    return Tested(made, single, llr, fmr)


def arranged(model: ScoreFusion, table: ScoreTable) -> ScoreTable:
    """The table with the model's columns in its order; a comparator that the table lacks is missing in every row."""
    if unknown := [name for name in table.comparators if name not in model.comparators]:
        known = ", ".join(model.comparators)
        raise FieldInvalid(unknown[0], f"the model does not know this comparator. It knows: {known}.")
    return table.with_comparators(model.comparators)


def pooled(tested: Sequence[Tested]) -> Tested:
    """Concatenate test sets, up to the number of rows that the report can take; an image keeps its number."""
    kept, rows = [tested[0]], len(tested[0].table)
    for each in tested[1:]:
        rows += len(each.table)
        if rows <= POOLED_ROWS:
            kept.append(each)
    columns = ("single_llr", "llr", "fmr")
    table = ScoreTable.joined([each.table for each in kept])
    return Tested(table, *(np.concatenate([getattr(each, column) for each in kept]) for column in columns))
