"""Verification error rates by threshold (ISO/IEC 19795-1): FMR, FNMR, EER, DET.

A comparison is a match when its score is at least the threshold, so a score equal to the threshold
matches. A mated score of −inf stands for a comparison that could not be made (failure to acquire):
it is a non-match at every threshold. Non-mated comparisons that could not be made are left out, so
that a failure to acquire never lowers the FMR.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nextafter

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ErrorCurve:
    """FMR and FNMR at every threshold where either changes.

    Args:
        thresholds: float64, shape (k,), ascending: the distinct finite scores, then +inf.
        fmr: float64, shape (k,), 0–1, falling: share of non-mated scores at or above the threshold.
        fnmr: float64, shape (k,), 0–1, rising: share of mated scores below the threshold.
        mated_count: number of mated comparisons.
        non_mated_count: number of non-mated comparisons.
    """

    thresholds: Floats
    fmr: Floats
    fnmr: Floats
    mated_count: int
    non_mated_count: int


def error_curve(mated: ArrayLike, non_mated: ArrayLike) -> ErrorCurve:
    """Count the errors at every distinct score.

    Args:
        mated: scores of mated comparisons, any shape, −inf for those that could not be made.
        non_mated: scores of non-mated comparisons, any shape, finite.

    Raises:
        ValueError: a side is empty, or has NaN, or the non-mated scores are not finite.
    """
    mated, non_mated = checked(mated, non_mated)
    every = np.sort(np.concatenate((mated, non_mated)))
    first = np.append(True, every[1:] != every[:-1]) & np.isfinite(every)
    thresholds = np.append(every[first], inf)
    return ErrorCurve(
        thresholds,
        (non_mated.size - np.searchsorted(non_mated, thresholds)) / non_mated.size,
        np.searchsorted(mated, thresholds) / mated.size,
        mated.size,
        non_mated.size,
    )


def checked(mated: ArrayLike, non_mated: ArrayLike) -> tuple[Floats, Floats]:
    """Return the mated and the non-mated scores as sorted float64 vectors.

    Raises:
        ValueError: a side is empty, or has NaN, or the non-mated scores are not finite.
    """
    mated = np.sort(np.asarray(mated, np.float64), axis=None)
    non_mated = np.sort(np.asarray(non_mated, np.float64), axis=None)
    if not (mated.size and non_mated.size):
        raise ValueError("at least one mated and one non-mated score are needed")
    if np.isnan(mated[-1]) or mated[-1] == inf or not np.isfinite(non_mated[[0, -1]]).all():
        raise ValueError("scores must be finite; only mated ones may be -inf")
    return mated, non_mated


def equal_error_rate(curve: ErrorCurve) -> float:
    """The rate at which FMR equals FNMR, 0–1.

    Defined on the straight line between the two neighbouring operating points where FNMR − FMR
    changes its sign; no convex hull is taken.
    """
    return crossing(curve.fmr, curve.fnmr)


def crossing(fmr: Floats, fnmr: Floats) -> float:
    """The rate, 0–1, at which two piecewise linear curves over the same thresholds cross.

    Args:
        fmr: shape (k,), falling, its last value 0.
        fnmr: shape (k,), rising.
    """
    gap = fnmr - fmr
    after = int(np.searchsorted(gap, 0.0))
    if after == 0:
        return float(fnmr[0])
    share = gap[after - 1] / (gap[after - 1] - gap[after])
    return float(fnmr[after - 1] + share * (fnmr[after] - fnmr[after - 1]))


def carries(non_mated_count: int, fmr: float) -> bool:
    """Whether the number of non-mated comparisons suffices to show this FMR: at least 3/FMR (3,000 for 1e-3).

    Zero errors in n comparisons only show a rate below 3/n (rule of three, ISO/IEC 19795-1), fewer people even less,
    which is what intervals say (`evaluation.metrics.shared_subjects`).
    """
    return non_mated_count * fmr >= 3.0 - 1e-9


def threshold_at_fmr(non_mated: ArrayLike, fmr: float) -> float:
    """The lowest threshold at which at most this share of the non-mated scores match.

    It lies just above a non-mated score, or is −inf where all may match. The scores are finite, at least one.
    """
    scores = np.asarray(non_mated).ravel()
    allowed = int(scores.size * fmr + 1e-9)
    if allowed >= scores.size:
        return -inf
    rank = scores.size - 1 - allowed
    return nextafter(float(np.partition(scores, rank)[rank]), inf)


def fnmr_at_fmr(mated: ArrayLike, non_mated: ArrayLike, fmr: float) -> float | None:
    """FNMR (0–1) at the lowest threshold that keeps the FMR; None with fewer than 3/FMR non-mated comparisons."""
    if not carries(np.size(non_mated), fmr):
        return None
    return fnmr_at(mated, threshold_at_fmr(non_mated, fmr))


def fnmr_at(mated: ArrayLike, threshold: float) -> float:
    """FNMR at a threshold: share of mated scores below it, 0–1; scores of −inf never match."""
    scores = np.asarray(mated)
    exact = np.float64(threshold)  # a Python float would be rounded to the scores' float32, onto the score it excludes
    matched = np.count_nonzero((scores >= exact) & np.isfinite(scores))
    return float(scores.size - matched) / scores.size


def det_points(curve: ErrorCurve, per_decade: int = 200) -> tuple[Floats, Floats]:
    """FMR and FNMR of a DET curve, thinned for drawing.

    Args:
        curve: the errors at every threshold, any length.
        per_decade: steps kept in each decade of either rate.

    Returns:
        FMR and FNMR, float64, shape (k,) each, both above 0, by falling FMR.
    """
    inside = (curve.fmr > 0.0) & (curve.fnmr > 0.0)
    fmr, fnmr = curve.fmr[inside], curve.fnmr[inside]
    steps = np.stack((np.floor(np.log10(fmr) * per_decade), np.floor(np.log10(fnmr) * per_decade)))
    changed = np.any(steps[:, 1:] != steps[:, :-1], axis=0)
    kept = np.append(True, changed) | np.append(changed, True) if fmr.size else np.zeros(0, bool)
    return fmr[kept], fnmr[kept]
