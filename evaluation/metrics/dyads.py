"""Comparisons as pairs of people: the variance of a rate of which each person is in many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Dyads:
    """Whom each comparison compares.

    Args:
        first: number of the probe's person, 0 or more, shape (n,).
        second: of the reference's, likewise; the same one in a mated comparison.
        pair: number of the two together, whichever comes first.
    """

    first: Integers
    second: Integers
    pair: Integers

    @classmethod
    def of(cls, first: Integers, second: Integers) -> Dyads:
        """Of people's numbers."""
        low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second)
        return cls(first, second, np.unique(low * (int(high.max(initial=0)) + 1) + high, return_inverse=True)[1])

    def some(self, rows: NDArray[np.int64]) -> Dyads:
        """Some of the comparisons."""
        return Dyads(self.first[rows], self.second[rows], self.pair[rows])

    def variance(self, residual: NDArray[np.floating]) -> float:
        """V of the mean of n residuals, those of comparisons with a person in common going together.

        (Σ_i S_i² − Σ_{i<j} E_ij²) / n²: E_ij sums the residuals of the comparisons of persons i and j, S_i those of all
        comparisons with person i (dyadic cluster-robust: Fafchamps and Gubert, 2007; Aronow, Samii and Assenova,
        "Cluster-robust variance estimation for dyadic data", Political Analysis 23, 2015). Mated comparisons are of one
        person each: Σ_i S_i² / n².

        Args:
            residual: shape (n,), of mean 0.
        """
        crossing = np.where(self.first == self.second, 0.0, residual)
        most = int(max(self.first.max(), self.second.max())) + 1
        people = np.bincount(self.first, residual, most) + np.bincount(self.second, crossing, most)
        twice = np.bincount(self.pair, crossing)
        return float((people**2).sum() - (twice**2).sum()) / residual.size**2
