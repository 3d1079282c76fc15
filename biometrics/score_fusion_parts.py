"""What a fusion model is made of, and its form in JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from biometrics.mixture import Floats, GaussianMixture
from biometrics.score_scale import ScoreScale


@dataclass(frozen=True, slots=True)
class PatternCalibration:
    """What the mixtures' log10 ratio is worth when just these scores are there.

    Args:
        slope: of LLR = offset + slope · ratio, before the bounds; above 0.
        offset: at ratio 0.
        fmr_llr: LLR of the FMR knots, strictly ascending.
        fmr_log10: log10 FMR at each, falling; below the first knot 0, above the last its own.
    """

    slope: float
    offset: float
    fmr_llr: tuple[float, ...]
    fmr_log10: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a model comes from.

    Args:
        source: the data set.
        date: ISO 8601 day of the fit.
        command: what fitted it.
        mated_count: genuine comparisons it was fitted on.
        non_mated_count: impostor comparisons.
        subject_count: people they came from.
        folds: sets of subjects left out in turn to calibrate.
        cllr: of all scores together, in bits, on the sets left out.
        min_cllr: of the same.
    """

    source: str
    date: str
    command: str
    mated_count: int
    non_mated_count: int
    subject_count: int
    folds: int
    cllr: float
    min_cllr: float


def plain(mixture: GaussianMixture) -> dict[str, Any]:
    """A mixture as JSON has it."""
    return {name: getattr(mixture, name).tolist() for name in ("weights", "means", "covariances")}


def curve_of(fields: dict[str, Any]) -> tuple[Floats, Floats]:
    """Read a curve; ValueError where it does not rise."""
    at, ratio = _floats(fields["at"]), _floats(fields["log10_ratio"])
    if at.shape != ratio.shape or (np.diff(at) <= 0.0).any() or (np.diff(ratio) < 0.0).any():
        raise ValueError("a curve does not rise")
    return at, ratio


def _floats(values: object) -> Floats:
    array = np.asarray(values, np.float64)
    if not (array.size and np.isfinite(array).all()):
        raise ValueError("values must be finite")
    return array


def scale_of(fields: dict[str, Any]) -> ScoreScale:
    """Read a scale; ValueError where it does not hold."""
    scale = ScoreScale(**fields)
    _floats([scale.low, scale.high, scale.knee, scale.floor, scale.centre, scale.spread])
    if not (scale.low < scale.high and scale.knee >= 0.0 and scale.spread > 0.0):
        raise ValueError("a scale is empty")
    return scale


def mixture_of(fields: dict[str, Any]) -> GaussianMixture:
    """Read a mixture; ValueError or LinAlgError where it does not hold."""
    mixture = GaussianMixture(*(_floats(fields[name]) for name in ("weights", "means", "covariances")))
    count, dimensions = mixture.means.shape
    if mixture.weights.shape != (count,) or mixture.covariances.shape != (count, dimensions, dimensions):
        raise ValueError("a mixture's shapes differ")
    np.linalg.cholesky(mixture.covariances)
    if mixture.weights.min() <= 0.0:
        raise ValueError("a weight is not positive")
    return mixture


def pattern_of(fields: dict[str, Any]) -> PatternCalibration:
    """Read a calibration; ValueError where it does not hold."""
    at, level = _floats(fields["fmr_llr"]), _floats(fields["fmr_log10"])
    slope, offset = _floats([fields["slope"], fields["offset"]]).tolist()
    if slope < 0.0 or at.shape != level.shape or (np.diff(at) <= 0.0).any() or (np.diff(level) > 0.0).any():
        raise ValueError("a calibration is not monotone")
    return PatternCalibration(slope, offset, tuple(at.tolist()), tuple(level.tolist()))


def provenance_of(fields: dict[str, Any]) -> Provenance:
    """Read a provenance; ValueError where it does not hold."""
    provenance = Provenance(**fields)
    if min(provenance.mated_count, provenance.non_mated_count) < 1:
        raise ValueError("nothing was fitted on")
    return provenance
