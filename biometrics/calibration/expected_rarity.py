"""How scores are distributed where a calibration holds: the reference that scores in operation are compared with.

The rarity of a score is −log10 of the FMR claimed at it: 3 means that one non-mated comparison in 1,000 scores as high.
It is the same scale for all comparators, rises with the score, and does not depend on the sample's quality.
"""

from __future__ import annotations

from math import expm1, log1p, log10

import numpy as np
from numpy.typing import ArrayLike

from biometrics.calibration.curves import Floats
from biometrics.calibration.score_calibration import Calibration

STEPS = 10_000
"""Steps of the sum over scores; with twice as many, no share of a shipped calibration changes by 1e-4."""


def non_mated_shares(rarities: ArrayLike) -> Floats:
    """Share of non-mated comparisons whose rarity is at most each of these: 1 − 10^−rarity.

    The same holds for the best of n comparisons, if its rarity is that of the best of n (`rarity_of_best`).
    """
    return np.asarray(1.0 - 10.0 ** -np.asarray(rarities, np.float64))


def mated_shares(calibration: Calibration, rarities: ArrayLike) -> Floats:
    """Share of mated comparisons whose rarity is at most each of these: the FNMR at the FMR of 10^−rarity.

    A likelihood ratio is the ratio of the densities of mated and non-mated scores. So the share is the sum, over the
    scores below, of the non-mated share times the LR. The non-mated shares are those of the calibration data,
    FMR^(1/κ), where the claimed FMR has a margin κ for unseen sensors. No score is rarer than the lowest FMR claimed.

    Args:
        calibration: of the comparator.
        rarities: 0 or more, any shape.
    """
    scores = np.linspace(calibration.fmr_scores[0], calibration.fmr_scores[-1], STEPS + 1)
    claimed = np.log10(calibration.fmr(scores))
    non_mated = -np.diff(10.0 ** (claimed / calibration.margin))
    mated = non_mated * 10.0 ** calibration.llr((scores[1:] + scores[:-1]) / 2.0)
    below = np.minimum(np.concatenate([[0.0], np.cumsum(mated)]), 1.0)
    wanted = np.asarray(rarities, np.float64)
    return np.asarray(np.where(wanted >= calibration.llr_max, 1.0, np.interp(wanted, -claimed, below)))


def rarity_of_best(fmr: float, count: int) -> float:
    """Rarity of the best of `count` comparisons: −log10 of the chance that any of them scores so high.

    Args:
        fmr: claimed at the best score, above 0, to 1.
        count: number of comparisons, 1 or more.
    """
    if fmr >= 1.0:
        return 0.0
    return max(0.0, -log10(-expm1(count * log1p(-fmr))))
