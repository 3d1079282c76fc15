"""Counts of comparisons in replicates of the set of subjects, for any division of the comparisons into cells.

Each replicate draws the subjects with replacement; a comparison counts as often as both of its subjects
together were drawn. Any rate that is a quotient of cells gets its interval from the same table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.bootstrap import Interval
from biometrics.metrics import Floats

ROWS = 400_000
"""Comparisons that are weighted in each replicate; cells that hold more than their part of them are thinned."""
REPLICATES = 500
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Cells:
    """Comparisons, each in one cell.

    Args:
        cell: integers, shape (k,), 0 to cells − 1.
        first: integers, shape (k,): number of the first subject, 0 or more.
        second: integers, shape (k,): number of the second subject.
        cells: how many there are.
    """

    cell: NDArray[np.integer]
    first: NDArray[np.integer]
    second: NDArray[np.integer]
    cells: int


def resample(side: Cells, subjects: int, *, replicates: int = REPLICATES, seed: int = 1, rows: int = ROWS) -> Floats:
    """Weight of each cell in each replicate.

    Two sides that are resampled with the same number of subjects and the same seed see the same draws.

    Args:
        side: the comparisons.
        subjects: how many are drawn, and drawn from; above every subject's number.
        replicates: sets of subjects.
        seed: of the draws.
        rows: comparisons kept, when there are more.

    Returns:
        float64, shape (replicates, cells), 0 or more.
    """
    kept, weight = _thinned(side, rows, seed)
    cell, first, second = side.cell[kept], side.first[kept], side.second[kept]
    second = np.where(first == second, subjects, second)
    random = np.random.default_rng(seed)
    drawn = np.ones(subjects + 1, np.float32)
    table = np.empty((replicates, side.cells))
    for row in table:
        drawn[:subjects] = np.bincount(random.integers(0, subjects, subjects), minlength=subjects)
        row[:] = np.bincount(cell, weights=drawn[first] * drawn[second] * weight, minlength=side.cells)
    return table


def _thinned(side: Cells, rows: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Comparisons at random from the cells that hold too many, and how many each stands for."""
    counts = np.bincount(side.cell, minlength=side.cells)
    share = np.minimum(1.0, _limit(counts, rows) / np.maximum(counts, 1)).astype(np.float32)
    lots = np.random.default_rng((seed, 1)).random(side.cell.size, np.float32)
    kept = np.flatnonzero(lots < share[side.cell])
    left = np.bincount(side.cell[kept], minlength=side.cells)
    weight = (counts / np.maximum(left, 1)).astype(np.float32)
    return kept, weight[side.cell[kept]]


def _limit(counts: NDArray[np.int64], rows: int) -> float:
    """How many a cell may keep so that all cells together keep `rows`, small ones being kept whole."""
    rising = np.sort(counts)
    smaller = np.append(0, np.cumsum(rising)[:-1])
    limits = (rows - smaller) / np.arange(counts.size, 0, -1)
    return float(limits[np.argmax(rising > limits)]) if np.any(rising > limits) else float(rising[-1])


def percentiles(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Lower and upper limit of each column; NaN where no replicate has a value.

    Args:
        values: shape (replicates, k), NaN where a replicate has none.
        level: coverage, 0–1.
    """
    ends = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    empty = np.isnan(values).all(axis=0)
    low, high = np.nanquantile(np.where(empty, 0.0, values), ends, axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def interval_of(errors: Floats, total: Floats, observed: int, count: int) -> Interval:
    """Interval of one rate from its replicates; no observed error leaves 0 to 3/count (rule of three).

    Args:
        errors: shape (replicates,): weight of the errors.
        total: shape (replicates,): weight of all.
        observed: errors among the comparisons themselves.
        count: comparisons, at least one.
    """
    used = total > 0.0
    if not observed or not used.any():
        return Interval(0.0, min(1.0, 3.0 / count))
    low, high = percentiles((errors[used] / total[used])[:, None])
    return Interval(float(low[0]), float(high[0]))
