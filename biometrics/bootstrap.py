"""Confidence intervals of error rates by bootstrap over subjects (ISO/IEC 19795-1, annex on uncertainty).

Subjects are drawn with replacement, never comparisons: people differ, images of one person are
alike. A comparison counts as often as both of its subjects together were drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.metrics import Floats, carries, crossing, equal_error_rate, error_curve

STEPS = 400
"""Impostor scores at and above which a replicate is evaluated, log-spaced in FMR."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Scores of one side (genuine or impostor) with the subjects they compare.

    Args:
        scores: shape (k,); −inf for genuine comparisons that could not be made.
        first: integers, shape (k,): number of the first subject, 0 or more.
        second: integers, shape (k,): number of the second subject.
    """

    scores: NDArray[np.floating]
    first: NDArray[np.integer]
    second: NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval of a rate, 0–1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """Of the EER, and of the FNMR at each FMR target (None where the impostor count does not carry it)."""

    eer: Interval
    fnmr: tuple[Interval | None, ...]


def bootstrap(
    genuine: Comparisons,
    impostor: Comparisons,
    targets: Sequence[float],
    *,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Intervals:
    """Percentile intervals over replicates of the set of subjects.

    Steps: 1. put the scores into bins between 2 · `STEPS` thresholds; 2. count the bins per pair of
    subjects; 3. for each replicate weight the counts and read EER and FNMR from the binned curves.
    An upper limit that comes out as 0 becomes 3/subjects (rule of three).

    Args:
        genuine: mated comparisons, at least one.
        impostor: non-mated comparisons, at least one.
        targets: FMR at which the FNMR is wanted, 0–1.
        replicates: how many sets of subjects are drawn.
        level: coverage, 0–1.
        seed: of the draws; the same seed gives the same intervals.
    """
    edges = _edges(genuine, impostor)
    mated, non_mated = _Bins.of(genuine, edges), _Bins.of(impostor, edges)
    subjects = 1 + max(int(each.second.max()) for each in (mated, non_mated))
    random = np.random.default_rng(seed)
    draws = (np.bincount(random.integers(0, subjects, subjects), minlength=subjects) for _ in range(replicates))
    rows = [row for drawn in draws if (row := _rates(mated, non_mated, drawn, targets))]
    table = np.asarray(rows).reshape(len(rows), 1 + len(targets))
    floor = 3.0 / np.unique(genuine.first).size
    eer, *fnmr = (_interval(column, level, floor) for column in table.T)
    count = impostor.scores.size
    return Intervals(eer, tuple(each if carries(count, t) else None for each, t in zip(fnmr, targets, strict=True)))


@dataclass(frozen=True, slots=True)
class _Bins:
    """How many comparisons (count) of a pair of subjects (first ≤ second) fell into a bin, of so many bins."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    bin: NDArray[np.int64]
    count: Floats
    bins: int

    @classmethod
    def of(cls, side: Comparisons, edges: Floats) -> _Bins:
        low = np.minimum(side.first, side.second).astype(np.int64)
        high = np.maximum(side.first, side.second).astype(np.int64)
        base, bins = int(high.max()) + 1, edges.size + 1
        keys = (low * base + high) * bins + np.searchsorted(edges, side.scores, side="right")
        unique, count = np.unique(keys, return_counts=True)
        pair = unique // bins
        return cls(pair // base, pair % base, unique % bins, count.astype(np.float64), bins)

    def weighted(self, drawn: Floats) -> Floats:
        """Weight per bin, shape (bins,), when each subject counts as often as it was drawn."""
        weight = drawn[self.first] * np.where(self.first == self.second, 1.0, drawn[self.second])
        return np.bincount(self.bin, weights=weight * self.count, minlength=self.bins).astype(np.float64)


def _edges(genuine: Comparisons, impostor: Comparisons) -> Floats:
    """Thresholds at and just above impostor scores, from the FMR of four times the EER down to FMR 0, ascending.

    All impostors below the lowest are one bin: no rate that is read lies there.
    """
    eer = equal_error_rate(error_curve(genuine.scores, impostor.scores))
    falling = np.sort(impostor.scores.astype(np.float64))[::-1]
    lowest = max(1.0, falling.size * min(1.0, max(0.05, 4.0 * eer)))
    ranks = np.unique(np.geomspace(1.0, lowest, STEPS).astype(np.int64)) - 1
    return np.unique(np.append(falling[ranks], np.nextafter(falling[ranks], np.inf)))


def _rates(mated: _Bins, non_mated: _Bins, drawn: NDArray[np.int64], targets: Sequence[float]) -> list[float] | None:
    """EER and the FNMR at each target in one replicate; None when a side has no comparison in it."""
    genuine, impostor = mated.weighted(drawn.astype(np.float64)), non_mated.weighted(drawn.astype(np.float64))
    if genuine.sum() == 0.0 or impostor.sum() == 0.0:
        return None
    fnmr = np.append(0.0, np.cumsum(genuine)[:-1] / genuine.sum())
    fmr = np.cumsum(impostor[::-1])[::-1] / impostor.sum()
    at = [min(int(np.searchsorted(-fmr, -target - 1e-12)), fmr.size - 1) for target in targets]
    return [crossing(fmr, fnmr), *(float(fnmr[index]) for index in at)]


def _interval(values: Floats, level: float, floor: float) -> Interval:
    if not values.size:
        return Interval(0.0, 1.0)
    low, high = np.quantile(values, ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    return Interval(float(low), float(high) if high > 0.0 else min(1.0, floor))
