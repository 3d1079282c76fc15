"""The effective count of a pattern's comparisons, which share people, for fits of fusion models: at its 30 rarest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.mixture import Floats
from evaluation.data.score_table import ScoreTable
from evaluation.metrics.dyads import Dyads

RAREST = 30
"""Comparisons that the design effect is measured on: the highest non-mated scores, the lowest mated ones."""


def dyads_of(table: ScoreTable, rows: NDArray[np.int64]) -> Dyads:
    """The pairs of people that some rows compare; images that mated rows connect are one person."""
    subject = table.subjects()
    return Dyads.of(subject[table.probe[rows]], subject[table.reference[rows]])


def effective(dyads: Dyads, values: Floats) -> float:
    """The number of independent comparisons that these are worth, 1 to n.

    1. Mark the 30 highest values (the higher half of fewer than 60); p is their share.
    2. Estimate V, the variance of p between people.
    3. The effective count is p(1 − p) / V, which is n when comparisons are independent.
    4. It is at most the square of the number of people on the side with fewer, as if each of them had been compared
       with each: where all rows are of one probe, no variance between probes can be seen.

    Example: 10,000 rows of 100 probes and 100 references; p = 30 / 10,000 = 0.003. If V is 1.5e-6, five times the
    0.003 · 0.997 / 10,000 = 3e-7 of independent rows, they are worth 2,000.

    Args:
        dyads: the pairs of people compared.
        values: shape (n,), at least one, ordered so that the tail of interest is the highest (negated mated scores).
    """
    count = values.size
    rarest = np.partition(values, -min(RAREST, -(-count // 2)))[-min(RAREST, -(-count // 2))]
    exceeds = (values >= rarest).astype(np.float64)
    share = float(exceeds.mean())
    variance = dyads.variance(exceeds - share)
    most = min(count, min(_people(dyads.first), _people(dyads.second)) ** 2)
    return max(1.0, min(most, share * (1.0 - share) / variance if variance > 0.0 else most))


def _people(side: NDArray[np.integer]) -> float:
    """Effective number of people on one side: that of equally frequent people (inverse Simpson index)."""
    rows = np.bincount(side).astype(np.float64)
    return float(rows.sum() ** 2 / (rows**2).sum())
