"""The effective count of comparisons that share people, at one score; it bounds the FMRs that calibrations claim.

A hit is a comparison at or above the score in question.

1. Two comparisons that share a person are not independent, so V, the variance of a rate p of n comparisons, is
   estimated by a dyadic cluster-robust estimator (`evaluation.metrics.dyads`).
2. The effective count is p(1 − p) / V, at most n. For few people it is multiplied by (t_n−1 / t_people−1)², the
   quotient of 95 % quantiles of Student's t (Korn and Graubard, 1998).
3. V cannot be estimated from fewer than 30 hits. From 30 to 100 it gives v, the relative variance of a rate between
   sets of people: n / count = 1 + v · hits. v grows as hits get rarer, so u = 4 · v is assumed where there are none. If
   rates vary by u (Gamma distributed), a mean rate of (20^u − 1) / (u · n) has a 5 % chance to show no hit; this rate
   is set equal to 3 / count, the rule of three. Between none and 55 hits (the geometric mean of 30 and 100) log count
   is interpolated linearly in log hits.

   Example: of 100,000 comparisons 100 hit, and V is twice that of independent ones: the effective count is 50,000 and
   2 = 1 + v · 100, so v = 0.01 and u = 0.04. A rate without hits is below (20^0.04 − 1) / (0.04 · 100,000) = 3.2e-5,
   an effective count of 94,000.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from biometrics.calibration.curves import Floats
from evaluation.data.scores import Scored
from evaluation.metrics.dyads import Dyads

CONFIDENCE = 0.95
FEWEST_HITS, SOME_HITS = 30, 100
GROWTH = 4.0


class People:
    """The comparisons of one kind, mated or not, of one sensor, by who is in them.

    Args:
        scored: comparisons of one kind, at least one.
    """

    def __init__(self, scored: Scored) -> None:
        self.scores = scored.scores
        everybody, number = np.unique(np.append(scored.first, scored.second), return_inverse=True)
        self.count = everybody.size
        self._dyads = Dyads.of(number[: self.scores.size], number[self.scores.size :])
        self._falling = np.sort(self.scores)[::-1]
        few = stats.t.ppf(CONFIDENCE, max(1, self.count - 1)) / stats.t.ppf(CONFIDENCE, max(1, self.scores.size - 1))
        self._for_few = min(1.0, float(few**-2))
        self._curve = self._measured()

    def at_or_above(self, scores: Floats) -> Floats:
        """Number of comparisons at or above each score, same shape."""
        return np.asarray(np.searchsorted(-self._falling, -scores, side="right"), np.float64)

    def at_ranks(self, ranks: NDArray[np.integer]) -> Floats:
        """The score that exactly the given number of comparisons reach, for each rank from 1, same shape."""
        return np.asarray(self._falling[ranks - 1])

    def effective(self, hits: NDArray[np.bool_]) -> float:
        """Effective count by steps 1 and 2; 0 where all or none hit."""
        share = float(hits.mean())
        if share in (0.0, 1.0):
            return 0.0
        variance = self._dyads.variance(hits - share)
        return self._for_few * min(hits.size, share * (1.0 - share) / max(variance, 1e-300))

    def counts(self, scores: Floats) -> Floats:
        """Effective count of the rate at each score, same shape; by step 3 where few hit."""
        return np.asarray(np.exp(np.interp(np.log(np.maximum(self.at_or_above(scores), 1.0)), *self._curve)))

    def rarest(self) -> float:
        """Effective count of a rate without hits."""
        return float(np.exp(self._curve[1][0]))

    def _measured(self) -> tuple[Floats, Floats]:
        """Natural log of the hits, ascending from 0, and of the effective count at each."""
        half = max(1, self.scores.size // 2)
        few, many = min(FEWEST_HITS, half), min(SOME_HITS, half)
        rare = np.unique(np.geomspace(few, many, 5).astype(int))
        counts = np.asarray([self._at_rank(rank) for rank in rare])
        spread = GROWTH * float(np.mean((self._for_few * self.scores.size / counts - 1.0) / rare))
        none = self._for_few * self.scores.size * _share_without_hits(spread)
        ranks = np.unique(np.geomspace(many, half, 12).astype(int))[1:]
        found = [none, float(stats.hmean(counts)), *(self._at_rank(rank) for rank in ranks)]
        return np.log([1.0, stats.gmean(rare), *ranks]), np.log(np.maximum(found, 1.0))

    def _at_rank(self, rank: int) -> float:
        return max(1.0, self.effective(self.scores >= self._falling[rank - 1]))


def _share_without_hits(spread: float) -> float:
    """Effective count over the number of comparisons where none hits: 3 · u / (20^u − 1), at most 1."""
    spread = float(np.clip(spread, 1e-6, 50.0))
    return float(min(1.0, 3.0 * spread / np.expm1(spread * np.log(1.0 / (1.0 - CONFIDENCE)))))
