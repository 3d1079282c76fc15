"""Scores calibrated with qualities that may be claimed by the caller, not measured: these can only lower the LLR.

The lower of the LLRs with and without a claimed quality is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats
from biometrics.calibration.score_calibration import Calibration
from biometrics.comparison import Comparison

Flags = NDArray[np.bool_]


def calibrated(
    calibration: Calibration, scores: Sequence[float], quality: float | None, *, is_claimed: bool
) -> list[Comparison]:
    """Scores of one probe with their LLR and FMR, in order.

    Args:
        calibration: of the comparator that made the scores.
        scores: raw scores, finite.
        quality: quality of the probe, 0–100; None if unknown.
        is_claimed: whether it is claimed.
    """
    if quality is None or not is_claimed:
        return calibration.comparisons(scores, quality)
    both = zip(calibration.comparisons(scores, quality), calibration.comparisons(scores), strict=True)
    return [min(each, key=lambda comparison: comparison.llr) for each in both]


def calibrated_llrs(calibration: Calibration, scores: Floats, quality: Floats, is_claimed: Flags) -> Floats:
    """LLRs of the scores of k probes with n subjects, as `calibrated` gives them; shape (n, k).

    Args:
        calibration: of the comparator that made the scores.
        scores: finite, shape (n, k).
        quality: quality of each probe, shape (k,); NaN where unknown.
        is_claimed: whether it is claimed, shape (k,).
    """
    llrs = calibration.llr(scores, None if np.isnan(quality).all() else quality)
    return np.where(is_claimed, np.minimum(llrs, calibration.llr(scores)), llrs) if is_claimed.any() else llrs
