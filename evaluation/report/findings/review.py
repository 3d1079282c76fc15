"""Share of comparisons that a person must review, against the error rates of the rest.

MATCH at or above the threshold; REVIEW in a band below it; NO_MATCH below the band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.metrics.verification import Floats
from evaluation.report.findings.outcome import Column, Outcome, sides

WIDEST = 4.0
STEPS = 81


@dataclass(frozen=True, slots=True)
class Review:
    """At the fused threshold of one FMR target.

    Args:
        target: FMR, 0–1.
        threshold: log10 LR.
        width: width of the band, log10 LR, 0–4, float64, shape (k,).
        fmr: share of non-mated comparisons that are a MATCH, 0–1; the band does not change it.
        fnmr: share of mated comparisons that are NO_MATCH, also where nothing was compared; shape (k,).
        mated: share of mated comparisons that are REVIEW, shape (k,).
        non_mated: share of non-mated comparisons that are REVIEW, shape (k,).
    """

    target: float
    threshold: float
    width: Floats
    fmr: float
    fnmr: Floats
    mated: Floats
    non_mated: Floats

    def at(self, width: float) -> tuple[float, float, float]:
        """FNMR and the REVIEW shares of mated and of non-mated comparisons, at the nearest width."""
        place = int(np.argmin(np.abs(self.width - width)))
        return float(self.fnmr[place]), float(self.mated[place]), float(self.non_mated[place])


def measure(
    outcome: Outcome, fused: Column, targets: Sequence[float], thresholds: Sequence[float | None], band: float
) -> list[Review]:
    """One per target that has a threshold; `band` is among the widths."""
    mated, non_mated = (np.sort(side.scores) for side in sides(outcome, fused.llr))
    width = np.union1d(np.linspace(0.0, WIDEST, STEPS), [band])
    found = []
    for target, threshold in zip(targets, thresholds, strict=True):
        if threshold is None:
            continue
        missed, rejected = (np.searchsorted(side, threshold - width) / side.size for side in (mated, non_mated))
        below, left = (np.searchsorted(side, threshold) / side.size for side in (mated, non_mated))
        found.append(Review(target, threshold, width, float(1.0 - left), missed, below - missed, left - rejected))
    return found
