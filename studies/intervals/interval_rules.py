"""Rules for confidence intervals: the project's own, three alternatives, and the rule it used before.

Each gives limits of the EER, the FNMR at FMR 1e-2 and 1e-3, and FNMR and FMR at a fixed threshold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from evaluation.metrics.det_band import band_of
from evaluation.metrics.intervals import Floats, Interval
from evaluation.metrics.shared_subjects import Comparisons, SubjectErrors
from evaluation.metrics.verification import crossing

FIGURES = ("EER", "FNMR at FMR 1e-2", "FNMR at FMR 1e-3", "FNMR at a threshold", "FMR at a threshold")
TARGETS = (1e-2, 1e-3)
REPLICATES = 200

Rule = Callable[[Comparisons, Comparisons, float], tuple[Interval, ...]]
"""Mated comparisons, non-mated comparisons and the fixed threshold → one interval per figure."""


class ByVariance(SubjectErrors):
    """Uses the variance at the threshold itself, without that of other thresholds (Korn, Graubard 1998)."""

    def correlation(self, errors: ArrayLike) -> Floats:
        """Rho by step 3 alone; 1 where there is no error."""
        seen = np.asarray(errors, np.float64)
        if not self.errors.size:
            return np.ones(seen.shape)
        return self.rho[np.minimum(np.searchsorted(self.errors, seen), self.errors.size - 1)]


class BySubjects(SubjectErrors):
    """Counts as many independent comparisons as there are subjects."""

    def correlation(self, errors: ArrayLike) -> Floats:
        """Rho 1."""
        return np.ones(np.shape(errors))


class ByComparisons(SubjectErrors):
    """Counts every comparison as independent."""

    def correlation(self, errors: ArrayLike) -> Floats:
        """Rho 0."""
        return np.zeros(np.shape(errors))


def counted(kind: type[SubjectErrors]) -> Rule:
    """The rule of `evaluation.metrics.det_band`, with this way to count independent comparisons."""

    def rule(mated: Comparisons, non_mated: Comparisons, threshold: float) -> tuple[Interval, ...]:
        sides = kind.of_mated(mated), kind.of_non_mated(non_mated)
        band = band_of(*sides, TARGETS)
        points = [Interval(float(low), float(high)) for low, high in zip(band.low, band.high, strict=True)]
        fixed = [Interval(*(float(end) for end in side.limits(side.at(threshold)))) for side in sides]
        return (band.eer, *points, *fixed)

    return rule


def percentiles(mated: Comparisons, non_mated: Comparisons, threshold: float) -> tuple[Interval, ...]:
    """The former rule: percentiles over bootstrap replicates of subjects; an upper limit of 0 becomes 3/subjects."""
    subjects = 1 + int(max(mated.second.max(), non_mated.second.max()))
    random = np.random.default_rng(1)
    sides = [_Sorted(side, threshold) for side in (mated, non_mated)]
    rows = []
    for _ in range(REPLICATES):
        drawn = np.bincount(random.integers(0, subjects, subjects), minlength=subjects).astype(np.float64)
        drawn_mated, other = (side.weights(drawn) for side in sides)
        if drawn_mated.sum() > 0.0 and other.sum() > 0.0:
            rows.append(_read(sides, drawn_mated, other))
    low, high = np.quantile(np.array(rows), (0.025, 0.975), axis=0)
    high = np.where(high > 0.0, high, 3.0 / subjects)
    return tuple(Interval(float(a), float(b)) for a, b in zip(low, high, strict=True))


class _Sorted:
    """Comparisons in order of rising score, and the number of them below the threshold."""

    def __init__(self, side: Comparisons, threshold: float) -> None:
        order = np.argsort(side.scores, kind="stable")
        self.scores, self._first, self._second = side.scores[order], side.first[order], side.second[order]
        self.below = int(np.searchsorted(self.scores, threshold))

    def weights(self, drawn: Floats) -> Floats:
        """How often each comparison occurs when each subject occurs as often as drawn."""
        return drawn[self._first] * np.where(self._first == self._second, 1.0, drawn[self._second])


def _read(sides: list[_Sorted], mated: Floats, other: Floats) -> list[float]:
    """The figures of one replicate, in the order of `FIGURES`."""
    missed = np.append(0.0, np.cumsum(mated) / mated.sum())
    matched = np.append(np.cumsum(other[::-1])[::-1] / other.sum(), 0.0)
    fnmr = missed[np.searchsorted(sides[0].scores, np.append(np.nextafter(sides[1].scores, np.inf), np.inf))]
    at = [min(int(np.searchsorted(-matched[1:], -target - 1e-12)), matched.size - 2) for target in TARGETS]
    eer = crossing(matched[1:], fnmr[:-1])
    return [eer, *(float(fnmr[place]) for place in at), float(missed[sides[0].below]), float(matched[sides[1].below])]


RULES: Mapping[str, Rule] = {
    "percentiles": percentiles,
    "comparisons": counted(ByComparisons),
    "variance": counted(ByVariance),
    "subjects": counted(BySubjects),
    "effective": counted(SubjectErrors),
}
