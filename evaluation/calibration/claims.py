"""The false match rate claimed at each score, for people and for sensors that the fit has not seen.

1. The non-mated survival curves of the sensors are averaged. A sensor of n effective comparisons (effective_count.py)
   has weight n / (1 + n / 10,000), which stays below 10,000: sensors differ, however many comparisons each has.
2. For other people of these sensors: the upper limit (95 %, one-sided) of the average by Clopper and Pearson (1934),
   with the effective count (Korn and Graubard, 1998). Where no comparison hits, that is, reaches the score, it is
   3 / count, the lowest rate claimed. Example, with a count of 5,000: no hit claims 3 / 5,000 = 6e-4; 4 hits in 10,000
   comparisons are worth 2 in 5,000, with an upper limit of 1.3e-3.
3. For another sensor: κ · log10 of the average. Above its 100 highest scores the average is continued as an exponential
   tail. Sensors differ the more the farther out in the tail; κ allows for that (margin.py measures it). Example: with
   κ = 0.8, an average of 1e-4 claims 10^(−4 · 0.8) = 6e-4.
4. The higher of both is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log, log10

import numpy as np

from biometrics.calibration.curves import Floats
from evaluation.calibration.left_out import Sensors
from evaluation.data.scores import Scored
from evaluation.metrics.effective_count import CONFIDENCE, People
from evaluation.metrics.intervals import upper_limit

KNOTS = 64
MANY = 10_000.0
TAIL_HITS = 100.0
SMALLEST_STEP = 1e-4
"""Least fall of log10 FMR from one knot to the next, so that the claimed curve falls strictly."""


def non_mated(scored: Scored) -> Scored:
    """The non-mated comparisons alone."""
    return scored.part(~scored.mated)


def non_mated_by_sensor(sensors: Sensors) -> list[People]:
    """The non-mated comparisons of each sensor."""
    return [People(non_mated(each)) for each in sensors.values()]


class NonMatedTail:
    """The FMR curve averaged over several sensors, with its tail and upper limit.

    Args:
        sensors: at least one.
    """

    def __init__(self, sensors: Sequence[People]) -> None:
        self._sensors = sensors
        counts = np.asarray([each.rarest() for each in sensors])
        weights = counts / (1.0 + counts / MANY)
        self._weights = weights / weights.sum()
        self.effective_count = float(1.0 / (self._weights**2 / counts).sum())
        every = np.concatenate([each.scores for each in sensors])
        share = np.repeat(
            self._weights / [each.scores.size for each in sensors], [each.scores.size for each in sensors]
        )
        order = np.argsort(every, kind="stable")
        self._rising = every[order]
        above = np.cumsum(share[order][::-1])[::-1]
        self._tail_from = float(self._rising[np.flatnonzero(above * every.size >= min(TAIL_HITS, every.size / 2))[-1]])
        in_tail = every >= self._tail_from
        excess = float(np.average(every[in_tail] - self._tail_from, weights=share[in_tail]))
        self._decade = log(10.0) * max(excess, 1e-9 * float(np.ptp(every)), 1e-300)

    def share(self, scores: Floats) -> Floats:
        """Average share of non-mated comparisons at or above each score, same shape."""
        shares = [each.at_or_above(scores) / each.scores.size for each in self._sensors]
        return np.asarray(np.tensordot(self._weights, np.asarray(shares), 1))

    def expected(self, scores: Floats) -> Floats:
        """log10 of that share, by the fitted exponential in the tail; same shape."""
        inside = np.log10(self.share(np.minimum(scores, self._tail_from)))
        return np.asarray(inside - np.maximum(scores - self._tail_from, 0.0) / self._decade)

    def upper(self, scores: Floats) -> Floats:
        """log10 of the upper limit for other people (step 2), same shape."""
        counts = 1.0 / sum(w**2 / each.counts(scores) for w, each in zip(self._weights, self._sensors, strict=True))
        hits = self.share(scores) * counts
        return np.log10(upper_limit(hits, counts, CONFIDENCE))

    def claimed(self, margin: float) -> tuple[Floats, Floats]:
        """Knots of the claimed curve: scores, strictly ascending, and log10 FMR from 0, strictly falling.

        Args:
            margin: κ, above 0 to 1.
        """
        ranks = np.geomspace(1, self._rising.size, KNOTS).round().astype(int)
        seen = np.unique(np.append(self._rising[-ranks], self._rising[0]))
        lowest = min(-SMALLEST_STEP, log10(3.0 / ceil(self.effective_count)))
        to_lowest = float(self.expected(np.asarray([self._tail_from]))[0]) - lowest / margin
        last = max(self._tail_from + self._decade * to_lowest, seen[-1] + self._decade / 10.0)
        at = np.append(seen, last)
        level = np.maximum(np.maximum(margin * self.expected(at), self.upper(at)), lowest)
        kept = [at.size - 1]
        for place in range(at.size - 2, -1, -1):
            if level[place] >= level[kept[-1]] + SMALLEST_STEP:
                kept.append(place)
        at, level = at[kept[::-1]], level[kept[::-1]]
        level[0] = 0.0
        return at, level
