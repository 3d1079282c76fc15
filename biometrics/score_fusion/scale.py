"""Transform of one comparator's scores to a scale on which mated and non-mated scores are nearly Gaussian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from biometrics.score_fusion.mixture import Floats


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """x = (warp(score) − centre) / spread, with the score first clipped to [low, high].

    Args:
        low: lower scores are clipped to it.
        high: higher scores are clipped to it; above `low`.
        knee: 0: warp(score) = score; above 0: warp(score) = log(1 + (score − floor) / knee).
        floor: lowest score of the training data.
        centre: centre on the warped scale.
        spread: spread on the warped scale, above 0.
        failure: score by which the data mark a comparison that could not be made, treated as missing; None for none.
    """

    low: float
    high: float
    knee: float
    floor: float
    centre: float
    spread: float
    failure: float | None = None

    def apply(self, scores: ArrayLike) -> Floats:
        """Transform scores, same shape; NaN where missing or equal to the failure value."""
        raw = np.asarray(scores, np.float64)
        if self.failure is not None:
            raw = np.where(raw == self.failure, np.nan, raw)
        return (self.warp(np.clip(raw, self.low, self.high)) - self.centre) / self.spread

    def warp(self, raw: Floats) -> Floats:
        """Warp scores, same shape: x before it is centred and divided by the spread."""
        return np.log1p(np.maximum(raw - self.floor, 0.0) / self.knee) if self.knee else raw


def scaled_quality(quality: Floats) -> Floats:
    """Transform qualities, 0–100 (clipped), to the mixtures' scale: −2 to 2."""
    return np.asarray((np.clip(quality, 0.0, 100.0) - 50.0) / 25.0)
