"""Confidence band of a DET curve by bootstrap over subjects: the FNMR at each FMR of a grid, and the EER."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from biometrics.bootstrap import STEPS, Comparisons, Interval
from biometrics.metrics import Floats, crossing
from biometrics.resampling import LEVEL, REPLICATES, Cells, percentiles, resample

HIGHEST_FMR = 0.9


@dataclass(frozen=True, slots=True)
class Band:
    """Pointwise limits.

    Args:
        eer: of the equal error rate.
        low: float64, shape (k,), 0–1: lower limit of the FNMR at each FMR.
        high: float64, shape (k,), 0–1: upper limit; 0 becomes 3/subjects (rule of three).
    """

    eer: Interval
    low: Floats
    high: Floats


def error_band(
    genuine: Comparisons,
    impostor: Comparisons,
    fmrs: Sequence[float] | Floats,
    *,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    seed: int = 1,
) -> Band:
    """Percentile limits over replicates of the set of subjects.

    Args:
        genuine: mated comparisons, at least one; −inf where none could be made.
        impostor: non-mated comparisons, at least one, finite.
        fmrs: shape (k,), 0 to `HIGHEST_FMR`: where the FNMR is wanted, at the lowest threshold that keeps the FMR.
        replicates: how many sets of subjects are drawn.
        level: coverage, 0–1.
        seed: of the draws; the same seed gives the same band.
    """
    subjects = 1 + max(int(max(side.first.max(), side.second.max())) for side in (genuine, impostor))
    edges = _edges(impostor)
    mated, non_mated = (
        resample(_cells(side, edges), subjects, replicates=replicates, seed=seed) for side in (genuine, impostor)
    )
    both = (mated.sum(axis=1) > 0.0) & (non_mated.sum(axis=1) > 0.0)
    targets = np.asarray(fmrs, np.float64)
    rows = [_read(*weights, targets) for weights in zip(mated[both], non_mated[both], strict=True)]
    floor = min(1.0, 3.0 / np.unique(genuine.first).size)
    return _limits(np.array(rows).reshape(len(rows), 1 + targets.size), level, floor)


def _edges(impostor: Comparisons) -> Floats:
    """Thresholds at and just above impostor scores, log-spaced in FMR, ascending."""
    falling = np.sort(impostor.scores)[::-1]
    ranks = np.unique(np.geomspace(1.0, max(1.0, falling.size * HIGHEST_FMR), STEPS).astype(np.int64)) - 1
    scores = falling[ranks].astype(np.float64)
    return np.unique(np.append(scores, np.nextafter(scores, np.inf)))


def _cells(side: Comparisons, edges: Floats) -> Cells:
    return Cells(np.searchsorted(edges, side.scores, side="right"), side.first, side.second, edges.size + 1)


def _read(genuine: Floats, impostor: Floats, targets: Floats) -> Floats:
    """EER and the FNMR at each target in one replicate, shape (1 + k,)."""
    fnmr = np.append(0.0, np.cumsum(genuine)[:-1] / genuine.sum())
    fmr = np.cumsum(impostor[::-1])[::-1] / impostor.sum()
    at = np.minimum(np.searchsorted(-fmr, -targets - 1e-12), fmr.size - 1)
    return np.append(crossing(fmr, fnmr), fnmr[at])


def _limits(table: Floats, level: float, floor: float) -> Band:
    if not len(table):
        return Band(Interval(0.0, 1.0), np.zeros(table.shape[1] - 1), np.ones(table.shape[1] - 1))
    low, high = percentiles(table, level)
    high = np.where(high > 0.0, high, floor)
    return Band(Interval(float(low[0]), float(high[0])), low[1:], high[1:])
