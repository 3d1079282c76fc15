"""Variance of an error rate over pairs of people, where each person occurs in many comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Dyads:
    """The two people of each of n comparisons.

    Args:
        first: number of the probe's person, 0 or more, shape (n,).
        second: number of the reference's person, likewise; equal to `first` in a mated comparison.
        pair: number of the unordered pair of people, shape (n,).
    """

    first: Integers
    second: Integers
    pair: Integers

    @classmethod
    def of(cls, first: Integers, second: Integers) -> Dyads:
        """Number the pairs of these people, shape (n,) each."""
        low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second)
        return cls(first, second, np.unique(low * (int(high.max(initial=0)) + 1) + high, return_inverse=True)[1])

    def some(self, rows: NDArray[np.int64]) -> Dyads:
        """The comparisons at these rows."""
        return Dyads(self.first[rows], self.second[rows], self.pair[rows])

    def variance(self, residual: NDArray[np.floating]) -> float:
        """Variance of the mean of n residuals, of which those that share a person are correlated.

        (Σ_i S_i² − Σ_{i<j} E_ij²) / n², with E_ij the sum of the residuals of persons i and j, and S_i that of all
        comparisons with person i (dyadic cluster-robust: Fafchamps and Gubert, 2007; Aronow, Samii and Assenova,
        "Cluster-robust variance estimation for dyadic data", Political Analysis 23, 2015). For mated comparisons,
        of one person each, this is Σ_i S_i² / n².

        Args:
            residual: shape (n,), mean 0.
        """
        crossing = np.where(self.first == self.second, 0.0, residual)
        most = int(max(self.first.max(), self.second.max())) + 1
        people = np.bincount(self.first, residual, most) + np.bincount(self.second, crossing, most)
        twice = np.bincount(self.pair, crossing)
        return float((people**2).sum() - (twice**2).sum()) / residual.size**2
