"""Is an LLR what it claims to be? Cllr and minCllr, the FMR observed at the one claimed, LLRs calibrated anew.

When log10 LRs are calibrated, at most 10^−t of the non-mated comparisons reach t. Rows without a score are left out:
no evidence has the LLR 0, which is right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biometrics.information import Blocks, cllr, min_cllr_of, pool_adjacent
from biometrics.metrics import Floats, carries
from biometrics.resampling import Cells, interval_of, percentiles, resample
from evaluation.fusion_report.outcome import Column, Outcome, sides
from evaluation.fusion_report.rates import Rate, thin

CLAIMED = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
STEPS_PER_DECADE = 10
GRID = np.arange(7 * STEPS_PER_DECADE + 1) / STEPS_PER_DECADE
"""Thresholds t, log10 LR; the claimed FMR is 10^−t."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The FMR at the threshold that claims one; None where the non-mated rows do not carry it."""

    claimed: float
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one column.

    Args:
        name: of the comparator, or "fused".
        non_mated: rows behind the observed FMR.
        cllr: in bits, 0 to infinity.
        min_cllr: in bits, 0–1.
        observed: FMR at each claimed one.
        reliability: threshold t (log10 LR), observed FMR, its lower and upper limit, shape (4, k), as far as the rows
            carry them.
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
    genuine, impostor = sides(outcome, column.llr)
    made = genuine.scores[np.isfinite(genuine.scores)]
    if not made.size or not impostor.scores.size:
        return None
    blocks = pool_adjacent(made, impostor.scores)
    passed = np.searchsorted(GRID, impostor.scores, side="right")
    cells = Cells(passed, impostor.first, impostor.second, GRID.size + 1)
    subjects = 1 + int(max(impostor.first.max(), impostor.second.max()))
    counts = _at_or_above(np.bincount(passed, minlength=cells.cells)[None].astype(np.float64))[0]
    replicates = _at_or_above(resample(cells, subjects))
    return Calibration(
        column.name,
        impostor.scores.size,
        cllr(made, impostor.scores),
        min_cllr_of(blocks),
        tuple(_observed(counts, replicates, claimed) for claimed in CLAIMED),
        _reliability(counts, replicates),
        _recalibrated(blocks),
    )


def _at_or_above(weights: Floats) -> Floats:
    """Weight of all, then at or above each threshold of the grid: shape (r, 1 + k)."""
    return np.asarray(np.cumsum(weights[:, ::-1], axis=1)[:, ::-1])


def _observed(counts: Floats, replicates: Floats, claimed: float) -> Observed:
    total = int(counts[0])
    if not carries(total, claimed):
        return Observed(claimed, None)
    place = 1 + round(-np.log10(claimed) * STEPS_PER_DECADE)
    errors = int(counts[place])
    interval = interval_of(replicates[:, place], replicates[:, 0], errors, total)
    return Observed(claimed, Rate(errors, total, interval))


def _reliability(counts: Floats, replicates: Floats) -> Floats:
    """Up to the first threshold that no row reaches, or whose claim the rows do not carry."""
    shown = (counts[1:] > 0.0) & (counts[0] * 10.0**-GRID >= 3.0 - 1e-9)
    used = replicates[:, 0] > 0.0
    low, high = percentiles(replicates[used, 1:] / replicates[used, :1])
    return np.stack((GRID, counts[1:] / counts[0], low, high))[:, shown]


def _recalibrated(blocks: Blocks) -> Floats:
    pairs = np.stack((blocks.lowest, blocks.llr()))
    finite = pairs[:, np.isfinite(pairs).all(axis=0)]
    return finite[:, thin(finite.shape[1])]
