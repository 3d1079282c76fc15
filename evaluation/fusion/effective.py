"""How many independent comparisons those of a set of people are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.mixture import Floats
from evaluation.fusion.score_table import ScoreTable

RAREST = 30
"""Comparisons that the design effect is measured on: the highest ones of non-mated rows, the lowest of mated ones."""


@dataclass(frozen=True, slots=True)
class Dyads:
    """Whom each row compares.

    Args:
        first: number of the probe's person, shape (n,).
        second: of the reference's, likewise.
        pair: number of the two together, whichever comes first.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    pair: NDArray[np.int64]

    @classmethod
    def of(cls, table: ScoreTable, rows: NDArray[np.int64]) -> Dyads:
        """Of some rows; people are known by what mated rows connect."""
        subject = table.subjects()
        first, second = subject[table.probe[rows]], subject[table.reference[rows]]
        low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second)
        return cls(first, second, np.unique(low * (int(subject.max()) + 1) + high, return_inverse=True)[1])

    def some(self, rows: NDArray[np.int64]) -> Dyads:
        """Some of the rows."""
        return Dyads(self.first[rows], self.second[rows], self.pair[rows])

    def effective(self, values: Floats) -> float:
        """How many independent comparisons these are worth, 1 to n.

        Steps: 1. tell the 30 highest values (of fewer than 60 the higher half) from the others, a share p; 2. V, the
        variance of that share where comparisons that have a person in common go together (Aronow, Samii and Assenova,
        "Cluster-robust variance estimation for dyadic data", Political Analysis 23, 2015); 3. p(1 − p) / V, which of
        independent comparisons is n; 4. no more than the square of the people on the side that has fewer, as if each
        of so many had been compared with each: of one probe no variance between people is seen.

        Args:
            values: shape (n,), at least one; a tail's comparisons have the highest.
        """
        count = values.size
        rarest = np.partition(values, -min(RAREST, -(-count // 2)))[-min(RAREST, -(-count // 2))]
        exceeds = (values >= rarest).astype(np.float64)
        share = float(exceeds.mean())
        variance = self._variance(exceeds - share)
        most = min(count, min(_people(self.first), _people(self.second)) ** 2)
        return max(1.0, min(most, share * (1.0 - share) / variance if variance > 0.0 else most))

    def _variance(self, residual: Floats) -> float:
        """Of the mean: each pair of rows with a person in common once."""
        other = np.where(self.first == self.second, 0.0, residual)
        most = int(max(self.first.max(), self.second.max())) + 1
        people = np.bincount(self.first, residual, most) + np.bincount(self.second, other, most)
        twice = np.bincount(self.pair, other)
        return float((people**2).sum() - (twice**2).sum()) / residual.size**2


def _people(side: NDArray[np.int32]) -> float:
    """People on one side: as many as would have these rows if each had equally many (inverse Simpson index)."""
    rows = np.bincount(side).astype(np.float64)
    return float(rows.sum() ** 2 / (rows**2).sum())
