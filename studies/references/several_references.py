"""Rules that make one score and one LLR from the comparisons with several references of a finger."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.score_calibration import Calibration

Floats = NDArray[np.float64]
Rule = Callable[[Floats, Calibration], tuple[Floats, Floats]]
"""Scores, float64 (attempts, k), and calibration → one score per attempt, and the log10 LR claimed for it."""


def best(scores: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """The best score, charged for k chances: what `Comparison.best_of` does."""
    top = scores.max(axis=1)
    return top, calibration.llr(top) - np.log10(scores.shape[1])


def best_not_charged(scores: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """The best score as if it were the only one."""
    top = scores.max(axis=1)
    return top, calibration.llr(top)


def mean(scores: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """The mean score, calibrated as if it were the score of one comparison."""
    middle = scores.mean(axis=1)
    return middle, calibration.llr(middle)


def best_two(scores: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """The mean of the best two scores, charged for the number of pairs of references."""
    count = scores.shape[1]
    middle = np.sort(scores, axis=1)[:, -2:].mean(axis=1)
    return middle, calibration.llr(middle) - np.log10(max(1, count * (count - 1) // 2))


def llr_sum(scores: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """The sum of the LLRs, as if references of one finger were independent."""
    total = calibration.llr(scores).sum(axis=1)
    return total, total


def mean_ratio(scores: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    """The mean of the likelihood ratios, which is a likelihood ratio however dependent the references are."""
    ratio = np.log10((10.0 ** calibration.llr(scores)).mean(axis=1))
    return ratio, ratio


RULES: dict[str, Rule] = {
    "best": best,
    "best, not charged": best_not_charged,
    "mean": mean,
    "mean of best two": best_two,
    "sum of LLRs": llr_sum,
    "mean of LRs": mean_ratio,
}
