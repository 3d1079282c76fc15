"""One comparator's scores on a scale on which both classes are nearly Gaussian."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from biometrics.score_fusion.mixture import Floats


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """x = (warp(score) − centre) / spread, with the score first clipped to [low, high].

    Args:
        low: lowest score told apart from lower ones.
        high: highest score told apart from higher ones, above `low`.
        knee: 0: the score itself; else log(1 + (score − floor) / knee), above 0.
        floor: lowest score of the training data.
        centre: on the warped scale.
        spread: on the warped scale, above 0.
        failure: a value that says that no comparison was made, if the data have one: missing.
    """

    low: float
    high: float
    knee: float
    floor: float
    centre: float
    spread: float
    failure: float | None = None

    def apply(self, scores: ArrayLike) -> Floats:
        """Scores on the scale, same shape; NaN where missing or the failure value."""
        raw = np.asarray(scores, np.float64)
        if self.failure is not None:
            raw = np.where(raw == self.failure, np.nan, raw)
        return (self.warp(np.clip(raw, self.low, self.high)) - self.centre) / self.spread

    def warp(self, raw: Floats) -> Floats:
        """The scores before they are centred."""
        return np.log1p(np.maximum(raw - self.floor, 0.0) / self.knee) if self.knee else raw


def scaled_quality(quality: Floats) -> Floats:
    """Quality 0–100 on the mixtures' scale; outside it the nearest counts."""
    return np.asarray((np.clip(quality, 0.0, 100.0) - 50.0) / 25.0)
