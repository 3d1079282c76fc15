"""Reading of the parts of a fusion model from JSON values; values that are not valid are refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from biometrics.score_fusion.mixture import Floats, GaussianMixture
from biometrics.score_fusion.parts import Provenance
from biometrics.score_fusion.pattern import PatternCalibration, PatternCounts
from biometrics.score_fusion.scale import ScoreScale

TOLERANCE = 1e-9
"""Allowed excess of log10 rates over their bound, for rounding."""


def curve_of(fields: dict[str, Any]) -> tuple[Floats, Floats]:
    """Read a curve; ValueError if it does not rise."""
    at, ratio = finite(fields["at"]), finite(fields["log10_ratio"])
    if at.shape != ratio.shape or (np.diff(at) <= 0.0).any() or (np.diff(ratio) < 0.0).any():
        raise ValueError("a curve does not rise")
    return at, ratio


def finite(values: object) -> Floats:
    """The values as a float64 array; ValueError if it is empty or a value is not finite."""
    array = np.asarray(values, np.float64)
    if not (array.size and np.isfinite(array).all()):
        raise ValueError("values must be finite")
    return array


def scale_of(fields: dict[str, Any]) -> ScoreScale:
    """Read a scale; ValueError if its values contradict each other."""
    scale = ScoreScale(**fields)
    finite([scale.low, scale.high, scale.knee, scale.floor, scale.centre, scale.spread])
    if not (scale.low < scale.high and scale.knee >= 0.0 and scale.spread > 0.0):
        raise ValueError("a scale is empty")
    return scale


def mixture_of(fields: dict[str, Any]) -> GaussianMixture:
    """Read a mixture; ValueError or LinAlgError if shapes, weights or covariances are not valid."""
    mixture = GaussianMixture(*(finite(fields[name]) for name in ("weights", "means", "covariances")))
    count, dimensions = mixture.means.shape
    if mixture.weights.shape != (count,) or mixture.covariances.shape != (count, dimensions, dimensions):
        raise ValueError("a mixture's shapes differ")
    np.linalg.cholesky(mixture.covariances)
    if mixture.weights.min() <= 0.0:
        raise ValueError("a weight is not positive")
    return mixture


def provenance_of(fields: dict[str, Any]) -> Provenance:
    """Read a provenance; ValueError if it has no mated or no non-mated comparison."""
    provenance = Provenance(**fields)
    if min(provenance.mated_count, provenance.non_mated_count) < 1:
        raise ValueError("nothing was fitted on")
    return provenance


def pattern_of(fields: dict[str, Any]) -> PatternCalibration:
    """Read a calibration; ValueError if it is not monotone, or claims more than its counts can show."""
    at, level = finite(fields["fmr_llr"]), finite(fields["fmr_log10"])
    slope, offset, loss = finite([fields[name] for name in ("slope", "offset", "cllr")]).tolist()
    if slope < 0.0 or at.shape != level.shape or (np.diff(at) <= 0.0).any() or (np.diff(level) > 0.0).any():
        raise ValueError("a calibration is not monotone")
    counts = _counts_of(fields["counts"])
    if level.max() > TOLERANCE or level.min() < np.log10(min(1.0, 3.0 / counts.non_mated_effective)) - TOLERANCE:
        raise ValueError("a rate exceeds what the counts carry")
    return PatternCalibration(slope, offset, counts, loss, tuple(at.tolist()), tuple(level.tolist()))


def _counts_of(fields: dict[str, Any]) -> PatternCounts:
    counts = PatternCounts(**fields)
    finite([counts.mated, counts.non_mated, counts.mated_effective, counts.non_mated_effective, counts.people])
    for effective, rows in (
        (counts.mated_effective, counts.mated),
        (counts.non_mated_effective, counts.non_mated),
    ):
        if not 0.0 < effective <= rows:
            raise ValueError("more comparisons are claimed than were made")
    return counts
