"""Histograms of mated and non-mated scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.verification import Floats
from evaluation.report.findings.outcome import Column, Outcome

FEWEST_BINS, MOST_BINS = 40, 100


@dataclass(frozen=True, slots=True)
class Histogram:
    """Histogram of one column.

    Args:
        name: of the comparator, or "fused".
        edges: float64, shape (bins + 1,), rising; fewer bins where there are few comparisons.
        mated: int64, shape (bins,): mated comparisons in each bin.
        non_mated: int64, shape (bins,): non-mated comparisons in each bin.
    """

    name: str
    edges: Floats
    mated: NDArray[np.int64]
    non_mated: NDArray[np.int64]


def measure(outcome: Outcome, column: Column) -> Histogram | None:
    """Count one column's scores; None where it has none."""
    made = ~np.isnan(column.scores)
    if not made.any():
        return None
    kinds = [column.scores[made & outcome.mated], column.scores[made & ~outcome.mated]]
    there = [kind for kind in kinds if kind.size]
    ends = (float(min(kind.min() for kind in there)), float(max(kind.max() for kind in there)))
    bins = int(np.clip(2.0 * min(kind.size for kind in there) ** 0.5, FEWEST_BINS, MOST_BINS))
    edges = np.histogram_bin_edges(np.array(ends), bins)
    mated, non_mated = (np.histogram(kind, edges)[0] for kind in kinds)
    return Histogram(column.name, edges, mated, non_mated)
