"""How many independent comparisons those of a set of people are worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.mixture import Floats
from evaluation.data.score_table import ScoreTable
from evaluation.metrics.dyads import Dyads

RAREST = 30
"""Comparisons that the design effect is measured on: the highest ones of non-mated rows, the lowest of mated ones."""


def dyads_of(table: ScoreTable, rows: NDArray[np.int64]) -> Dyads:
    """Whom some rows compare; people are known by what mated rows connect."""
    subject = table.subjects()
    return Dyads.of(subject[table.probe[rows]], subject[table.reference[rows]])


def effective(dyads: Dyads, values: Floats) -> float:
    """How many independent comparisons these are worth, 1 to n.

    1. Tell the 30 highest values (of fewer than 60 the higher half) from the others, a share p.
    2. V, the variance of that share between people.
    3. p(1 − p) / V, which of independent comparisons is n.
    4. No more than the square of the people on the side that has fewer, as if each of so many had been compared with
       each: of one probe no variance between people is seen.

    Args:
        dyads: whom they compare.
        values: shape (n,), at least one; a tail's comparisons have the highest.
    """
    count = values.size
    rarest = np.partition(values, -min(RAREST, -(-count // 2)))[-min(RAREST, -(-count // 2))]
    exceeds = (values >= rarest).astype(np.float64)
    share = float(exceeds.mean())
    variance = dyads.variance(exceeds - share)
    most = min(count, min(_people(dyads.first), _people(dyads.second)) ** 2)
    return max(1.0, min(most, share * (1.0 - share) / variance if variance > 0.0 else most))


def _people(side: NDArray[np.integer]) -> float:
    """People on one side: as many as would have these rows if each had equally many (inverse Simpson index)."""
    rows = np.bincount(side).astype(np.float64)
    return float(rows.sum() ** 2 / (rows**2).sum())
