"""Gaussian scores with known LLR, and calibrations fitted to them."""

from __future__ import annotations

import numpy as np

from biometrics.calibration.score_calibration import Calibration
from evaluation.calibration.choice import chosen
from evaluation.calibration.fit import Provenance, fitted
from evaluation.data.scores import Scored

PROVENANCE = Provenance("test-1", "model-1", "Made by the test", "2026-01-01", "none")


def scored(subjects: int = 60, samples: int = 4, shift: float = 3.0, seed: int = 1) -> Scored:
    """Unit Gaussian scores of all pairs of samples, mated ones around `shift`."""
    subject = np.repeat(np.arange(subjects), samples)
    first, second = (subject[side] for side in np.triu_indices(subject.size, 1))
    mated = first == second
    scores = np.random.default_rng(seed).normal(0.0, 1.0, mated.size) + shift * mated
    return Scored(scores, mated, first, second)


def fit(every: Scored) -> Calibration:
    """Fit a calibration to the scores of one sensor."""
    return fitted({"set-1": every}, chosen(every), PROVENANCE)
