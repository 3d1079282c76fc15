"""Error-versus-reject curves per comparator and fused: does quality predict which mated comparisons fail?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.rejection import Rejection, curve_of, summary
from evaluation.metrics.verification import Floats
from evaluation.report.findings.outcome import FUSED, Column, Outcome
from evaluation.report.findings.rates import thin

FEWEST = 20


@dataclass(frozen=True, slots=True)
class Rejected:
    """Error versus reject of one column.

    Args:
        name: of the comparator, or "fused".
        comparisons: number of mated comparisons that were made and have a quality.
        curve: share rejected and FNMR of the remaining ones, shape (2, k).
        kept: the curve at a few shares rejected.
    """

    name: str
    comparisons: int
    curve: Floats
    kept: Rejection


def measure(outcome: Outcome, every: list[Column]) -> list[Rejected]:
    """Measure each column with at least 20 mated comparisons of known quality; a fused row has the lowest of its own.

    Args:
        outcome: of n rows.
        every: the comparators, in their order, and fused.
    """
    if outcome.quality is None:
        return []
    mated = np.flatnonzero(outcome.mated)
    quality = np.where(np.isnan(outcome.scores[mated]), np.float32(np.nan), outcome.quality[mated])
    lowest = np.fmin.reduce(quality, axis=1)
    found = []
    for place, column in enumerate(every):
        own = lowest if column.name == FUSED and place == len(every) - 1 else quality[:, place]
        found.append(_rejected(column.name, own, column.scores[mated]))
    return [each for each in found if each]


def _rejected(name: str, quality: NDArray[np.float32], scores: NDArray[np.float32]) -> Rejected | None:
    known = ~np.isnan(quality) & ~np.isnan(scores)
    if np.count_nonzero(known) < FEWEST:
        return None
    curve = curve_of(quality[known].astype(np.float64), scores[known].astype(np.float64))
    places = thin(curve.rejected.size)
    drawn = np.stack((curve.rejected, curve.fnmr))[:, places]
    return Rejected(name, int(np.count_nonzero(known)), drawn, summary(curve))
