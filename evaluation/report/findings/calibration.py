"""Calibration of LLRs: Cllr and minCllr, the observed against the claimed FMR, recalibrated against claimed LLRs.

When log10 LRs are calibrated, at most 10^−t of the non-mated comparisons reach t. Rows without a score are left out:
their LLR is 0, which is correct for no evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.metrics.cllr import cllr, min_cllr_of
from evaluation.metrics.intervals import Interval
from evaluation.metrics.pool_adjacent import Blocks, pool_adjacent
from evaluation.metrics.shared_subjects import SubjectErrors
from evaluation.metrics.verification import Floats, carries
from evaluation.report.findings.outcome import Column, Outcome, sides
from evaluation.report.findings.rates import Rate, thin

CLAIMED = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
STEPS_PER_DECADE = 10
GRID = np.arange(7 * STEPS_PER_DECADE + 1) / STEPS_PER_DECADE
"""Thresholds t, log10 LR; the claimed FMR is 10^−t."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The FMR observed where a given FMR is claimed; None where there are too few non-mated rows to measure it."""

    claimed: float
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration of one column.

    Args:
        name: of the comparator, or "fused".
        non_mated: rows behind the observed FMR.
        cllr: in bits, 0 to infinity.
        min_cllr: in bits, 0–1.
        observed: observed FMR at each claimed FMR.
        reliability: threshold t (log10 LR), observed FMR, its lower and upper limit, shape (4, k), up to the last t
            that has enough rows.
        recalibrated: claimed and recalibrated LLR of each block, shape (2, k), finite.
    """

    name: str
    non_mated: int
    cllr: float
    min_cllr: float
    observed: tuple[Observed, ...]
    reliability: Floats
    recalibrated: Floats

    @property
    def excess(self) -> float | None:
        """Cllr / minCllr − 1; None where minCllr is 0."""
        return self.cllr / self.min_cllr - 1.0 if self.min_cllr > 0.0 else None


def measure(outcome: Outcome, column: Column) -> Calibration | None:
    """Measure one column; None where it compared no mated or no non-mated row."""
    mated, non_mated = sides(outcome, column.llr)
    made = mated.scores[np.isfinite(mated.scores)]
    if not made.size or not non_mated.scores.size:
        return None
    blocks = pool_adjacent(made, non_mated.scores)
    matches = SubjectErrors.of_non_mated(non_mated)
    return Calibration(
        column.name,
        non_mated.scores.size,
        cllr(made, non_mated.scores),
        min_cllr_of(blocks),
        tuple(_observed(matches, claimed) for claimed in CLAIMED),
        _reliability(matches),
        _recalibrated(blocks),
    )


def _observed(matches: SubjectErrors, claimed: float) -> Observed:
    if not carries(matches.count, claimed):
        return Observed(claimed, None)
    errors = int(matches.at(-np.log10(claimed)))
    low, high = matches.limits(errors)
    return Observed(claimed, Rate(errors, matches.count, Interval(float(low), float(high))))


def _reliability(matches: SubjectErrors) -> Floats:
    """See Calibration.reliability; ends before the first threshold that no row reaches or that has too few rows."""
    errors = matches.at(GRID)
    shown = (errors > 0) & (matches.count * 10.0**-GRID >= 3.0 - 1e-9)
    return np.stack((GRID, errors / matches.count, *matches.limits(errors)))[:, shown]


def _recalibrated(blocks: Blocks) -> Floats:
    pairs = np.stack((blocks.lowest, blocks.llr()))
    finite = pairs[:, np.isfinite(pairs).all(axis=0)]
    return finite[:, thin(finite.shape[1])]
