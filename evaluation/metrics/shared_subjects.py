"""Errors of comparisons that share subjects: how many independent comparisons they are worth at each threshold.

1. Put the comparisons in the order in which they become errors: at any threshold the first e of them are.
2. Estimate the variance of the rate q = e/N by the products of the residuals of all two comparisons that share a
   subject (dyadic cluster-robust: Aronow, Samii, Assenova 2015; for mated ones: by subject), from running sums,
   and raise it by n/(n − c²), as subjects pull the rate they are measured against: c subjects to a comparison (mated
   1, non-mated 2), n subjects that are touched alike (Kish 1965).
3. Express it as the correlation rho of the errors of a subject: 0 where they are as good as independent, 1 where a
   subject's comparisons all err or none does, which leaves n/c independent ones.
4. Where few subjects erred the variance says nothing. So take rho / q^(1/3) as the largest of this and all more
   frequent errors, and draw it to rho = 1 at q = 1/2 as if `UNSEEN` more subjects had shown that. Normally
   distributed subjects with half of the variance of the scores have rho ∝ q^(1/3); with less, rho falls faster.
5. The effective number is N / (1 + rho · (c·N/n − 1)), lowered by the square of the normal over Student's quantile
   for n − 1 degrees of freedom (Korn, Graubard 1998), never below n/c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evaluation.metrics.intervals import LEVEL, Floats, rate_limits

STEPS = 300
"""Numbers of errors, log-spaced, at which the variance is estimated."""
UNSEEN = 2.0
DECLINE = 1.0 / 3.0

Integers = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Scores of one side (mated or non-mated) with the subjects they compare.

    Args:
        scores: shape (k,), at least one; −inf for comparisons that could not be made.
        first: integers, shape (k,): number of the first subject, 0 or more.
        second: integers, shape (k,): number of the second subject.
    """

    scores: NDArray[np.floating]
    first: Integers
    second: Integers


@dataclass(frozen=True, slots=True)
class SubjectErrors:
    """One side's errors, as they come when the threshold moves.

    Args:
        ordered: float64, shape (N,), rising: the scores, or those of non-mated comparisons negated, in the order of
            step 1.
        subjects: n of step 2, fractions included.
        fewest: n/c, what the comparisons are worth at least.
        errors: shape (g,): numbers of errors at which rho was estimated, rising, 1 to N − 1.
        rho: shape (g,), 0–1, of step 3.
        matching: a match is an error, so the scores are negated.
    """

    ordered: Floats
    subjects: float
    fewest: float
    errors: NDArray[np.int64]
    rho: Floats
    matching: bool

    @classmethod
    def of_mated(cls, side: Comparisons) -> SubjectErrors:
        """A mated comparison errs below the threshold."""
        return cls._of(side, matching=False)

    @classmethod
    def of_non_mated(cls, side: Comparisons) -> SubjectErrors:
        """A non-mated comparison errs at the threshold and above."""
        return cls._of(side, matching=True)

    @classmethod
    def _of(cls, side: Comparisons, *, matching: bool) -> SubjectErrors:
        scores = -side.scores if matching else side.scores
        order = np.argsort(scores, kind="stable")
        ordered, count = scores[order].astype(np.float64), scores.size
        sums = _Sums.of(side.first[order], side.second[order])
        fewest = min(float(count), sums.subjects / sums.each)
        steps = np.unique(np.geomspace(1.0, max(1.0, count - 1.0), STEPS).astype(np.int64))
        errors = np.unique(np.searchsorted(ordered, ordered[steps - 1], side="right"))
        errors = errors[errors < count]
        return cls(ordered, sums.subjects, fewest, errors, sums.correlation(errors, count, fewest), matching)

    @property
    def count(self) -> int:
        """Comparisons, N."""
        return self.ordered.size

    def at(self, thresholds: ArrayLike) -> NDArray[np.int64]:
        """How many comparisons err at each threshold, same shape."""
        at = np.asarray(thresholds, np.float64)
        if self.matching:
            return np.asarray(np.searchsorted(self.ordered, -at, side="right"))
        return np.asarray(np.searchsorted(self.ordered, at, side="left"))

    def effective(self, errors: ArrayLike) -> Floats:
        """How many independent comparisons these are worth where so many err, same shape."""
        worth = self.count / (1.0 + self.correlation(errors) * (self.count / self.fewest - 1.0))
        share = (1.0 + LEVEL) / 2.0
        narrower = stats.norm.ppf(share) / stats.t.ppf(share, max(1.0, self.subjects - 1.0))
        return np.asarray(np.maximum(self.fewest, worth * narrower**2))

    def correlation(self, errors: ArrayLike) -> Floats:
        """Rho, 0–1, of step 4 where so many err, same shape."""
        seen = np.asarray(errors, np.float64)
        if not self.errors.size:
            return np.ones(seen.shape)
        scaled = self.rho / (self.errors / self.count) ** DECLINE
        largest = np.maximum.accumulate(scaled[::-1])[::-1]
        drawn = largest + np.maximum(0.5**-DECLINE - largest, 0.0) * min(1.0, UNSEEN / self.subjects)
        place = np.minimum(np.searchsorted(self.errors, seen), self.errors.size - 1)
        return np.asarray(np.minimum(1.0, drawn[place] * (np.clip(seen, 1.0, self.count) / self.count) ** DECLINE))

    def limits(self, errors: ArrayLike) -> tuple[Floats, Floats]:
        """Lower and upper limit of the rate, 0–1, where so many comparisons err, same shape."""
        seen = np.asarray(errors, np.float64)
        return rate_limits(seen / self.count, self.effective(seen))


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums over comparisons in the order in which they err.

    Args:
        squares: shape (k + 1,): Σ (errors of a subject)² less Σ (errors of a pair)², after e errors.
        products: shape (k + 1,): Σ errors · comparisons, likewise.
        subjects: n of the module's step 2.
        each: c.
    """

    squares: Floats
    products: Floats
    subjects: float
    each: float

    @classmethod
    def of(cls, first: Integers, second: Integers) -> _Sums:
        two = np.flatnonzero(first != second)
        there = np.ones((first.size, 2), bool)
        there[:, 1] = first != second
        subject = np.stack((first, second), axis=1)[there]
        rank, total = _within(subject)
        squares, products = (_per_comparison(there, values) for values in (2 * rank - 1, total))
        subjects = float(subject.size) ** 2 / float(total.sum(dtype=np.float64))
        low, high = np.minimum(first[two], second[two]), np.maximum(first[two], second[two])
        rank, total = _within(low.astype(np.int64) * (1 + int(second.max(initial=0)) + int(first.max())) + high)
        squares[two] -= 2 * rank - 1
        products[two] -= total
        running = [np.append(0.0, np.cumsum(values, dtype=np.float64)) for values in (squares, products)]
        return cls(running[0], running[1], subjects, subject.size / first.size)

    def correlation(self, errors: NDArray[np.int64], count: int, fewest: float) -> Floats:
        """Rho, 0–1, where so many of the comparisons err."""
        most = count / fewest
        if most < 1.0 + 1e-9:
            return np.zeros(errors.size)
        if self.subjects <= self.each**2 + 1e-9:
            return np.ones(errors.size)
        rate = errors / count
        residual = self.squares[errors] - 2.0 * rate * self.products[errors] + rate**2 * self.products[-1]
        effect = residual / (count * rate * (1.0 - rate)) * self.subjects / (self.subjects - self.each**2)
        return np.asarray(np.clip((effect - 1.0) / (most - 1.0), 0.0, 1.0))


def _per_comparison(there: NDArray[np.bool_], values: NDArray[np.int32]) -> NDArray[np.int64]:
    """Sum over the subjects of each comparison, shape (k,), of values where `there`, shape (k, 2), is true."""
    table = np.zeros(there.shape, np.int32)
    table[there] = values
    return np.asarray(table.sum(axis=1, dtype=np.int64))


def _within(group: Integers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Of each element: which of its group it is, from 1 in the order given, and how many the group has."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if group.size else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, group.size))
    rank, total = np.empty(group.size, np.int32), np.empty(group.size, np.int32)
    rank[order] = np.arange(1, group.size + 1) - np.repeat(starts, sizes)
    total[order] = np.repeat(sizes, sizes)
    return rank, total
