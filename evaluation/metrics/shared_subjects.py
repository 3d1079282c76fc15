"""Effective number of comparisons that share subjects, at every threshold; for the intervals of reported error rates.

N comparisons, c subjects in each (mated 1, non-mated 2), n subjects (effective number if they occur unequally often:
Kish 1965).

1. Sort the comparisons by the threshold at which they become errors: at any threshold the first e of them err.
2. Estimate the variance of the rate q = e/N from running sums of the products of residuals of every two comparisons
   that share a subject (dyadic cluster-robust: Aronow, Samii, Assenova 2015; for mated ones: by subject). Multiply it
   by n/(n − c²), since each subject also shifts the mean rate from which its residuals are taken.
3. Express it as the correlation rho of the errors of a subject: 0 where they are as good as independent, 1 where
   either all or none of a subject's comparisons err, which leaves n/c independent ones.
4. Where few subjects erred, this estimate of the variance is unreliable. So take for rho / q^(1/3) the largest value
   at this and all higher error rates, and shrink it towards rho = 1 at q = 1/2 with the weight of `UNSEEN` more
   subjects. Normally distributed subjects with half of the variance of the scores have rho ∝ q^(1/3); with less
   variance, rho falls faster.
5. The effective number is N / (1 + rho · (c·N/n − 1)), times the square of (normal quantile / Student's quantile for
   n − 1 degrees of freedom) (Korn, Graubard 1998), and at least n/c.

Example: 300 people with 10 mated comparisons each (N = 3,000, n/c = 300): rho 0 leaves 3,000 independent comparisons,
rho 0.1 leaves 3,000 / 1.9 = 1,579, and rho 1 leaves 300, the least; step 5 lowers the first two by 1 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evaluation.metrics.intervals import LEVEL, Floats, rate_limits

STEPS = 300
"""How many numbers of errors, log-spaced, the variance is estimated at."""
UNSEEN = 2.0
"""Weight, in subjects, of the assumption rho = 1 at q = 1/2 (step 4)."""
DECLINE = 1.0 / 3.0
"""Exponent of q in rho ∝ q^(1/3) (step 4)."""

Integers = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Scores of mated or of non-mated comparisons, with the subjects compared.

    Args:
        scores: shape (k,), at least one; −inf for comparisons that could not be made.
        first: integers, shape (k,): number of the first subject, 0 or more.
        second: integers, shape (k,): number of the second subject.
    """

    scores: NDArray[np.floating]
    first: Integers
    second: Integers

    def where(self, chosen: NDArray[np.bool_]) -> Comparisons:
        """Those that are chosen, bool, shape (k,)."""
        return Comparisons(self.scores[chosen], self.first[chosen], self.second[chosen])


@dataclass(frozen=True, slots=True)
class SubjectErrors:
    """Errors of mated or of non-mated comparisons at every threshold, with the correlation within subjects.

    Args:
        ordered: float64, shape (N,), rising, in the order of step 1: the scores, negated for non-mated comparisons.
        subjects: effective number n of subjects, may be a fraction.
        fewest: n/c, the lowest possible number of independent comparisons.
        errors: shape (g,): numbers of errors at which rho was estimated, rising, 1 to N − 1.
        rho: shape (g,), 0–1: the estimates of step 3.
        matching: True for non-mated comparisons: a match is an error, and the scores are negated.
    """

    ordered: Floats
    subjects: float
    fewest: float
    errors: NDArray[np.int64]
    rho: Floats
    matching: bool

    @classmethod
    def of_mated(cls, side: Comparisons) -> SubjectErrors:
        """Errors of mated comparisons: scores below the threshold."""
        return cls._of(side, matching=False)

    @classmethod
    def of_non_mated(cls, side: Comparisons) -> SubjectErrors:
        """Errors of non-mated comparisons: scores at or above the threshold."""
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
        """Number of comparisons, N."""
        return self.ordered.size

    def at(self, thresholds: ArrayLike) -> NDArray[np.int64]:
        """Number of comparisons that err at each threshold, same shape."""
        at = np.asarray(thresholds, np.float64)
        if self.matching:
            return np.asarray(np.searchsorted(self.ordered, -at, side="right"))
        return np.asarray(np.searchsorted(self.ordered, at, side="left"))

    def effective(self, errors: ArrayLike, level: float = LEVEL) -> Floats:
        """Effective number of comparisons (step 5) at each number of errors, same shape, for this coverage."""
        worth = self.count / (1.0 + self.correlation(errors) * (self.count / self.fewest - 1.0))
        share = (1.0 + level) / 2.0
        narrower = stats.norm.ppf(share) / stats.t.ppf(share, max(1.0, self.subjects - 1.0))
        return np.asarray(np.maximum(self.fewest, worth * narrower**2))

    def correlation(self, errors: ArrayLike) -> Floats:
        """Correlation rho, 0–1, of step 4 at each number of errors, same shape."""
        seen = np.asarray(errors, np.float64)
        if not self.errors.size:
            return np.ones(seen.shape)
        scaled = self.rho / (self.errors / self.count) ** DECLINE
        largest = np.maximum.accumulate(scaled[::-1])[::-1]
        drawn = largest + np.maximum(0.5**-DECLINE - largest, 0.0) * min(1.0, UNSEEN / self.subjects)
        place = np.minimum(np.searchsorted(self.errors, seen), self.errors.size - 1)
        return np.asarray(np.minimum(1.0, drawn[place] * (np.clip(seen, 1.0, self.count) / self.count) ** DECLINE))

    def limits(self, errors: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Lower and upper limit, 0–1, of the error rate at each number of errors, same shape, of this coverage."""
        seen = np.asarray(errors, np.float64)
        return rate_limits(seen / self.count, self.effective(seen, level), level)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums over k comparisons in the order of step 1; entry e is the sum when the first e err.

    Args:
        squares: shape (k + 1,): Σ (errors of a subject)² − Σ (errors of a pair of subjects)².
        products: shape (k + 1,): Σ errors · comparisons of a subject − the same of a pair.
        subjects: n.
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
        """Correlation rho, 0–1, of step 3 at each number of errors."""
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
    """Sum values over the subjects of each comparison: shape (k,). `there`, shape (k, 2), says where values go."""
    table = np.zeros(there.shape, np.int32)
    table[there] = values
    return np.asarray(table.sum(axis=1, dtype=np.int64))


def _within(group: Integers) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """For each element: its place within its group, from 1 in the order given, and the size of the group."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if group.size else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, group.size))
    rank, total = np.empty(group.size, np.int32), np.empty(group.size, np.int32)
    rank[order] = np.arange(1, group.size + 1) - np.repeat(starts, sizes)
    total[order] = np.repeat(sizes, sizes)
    return rank, total
