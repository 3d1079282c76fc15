"""Bounds of likelihood ratios: what the numbers of comparisons can support."""

from __future__ import annotations

from math import log, log10

import numpy as np

from biometrics.calibration.curves import Floats

MAX_EXPONENT = 300.0
"""Largest exponent used for a power of ten, within the range of float64."""


def llr_bounds(mated_count: int, non_mated_count: int) -> tuple[float, float]:
    """Lowest and highest log10 LR that these numbers of comparisons can support.

    Zero events in n comparisons only show a rate below 3/n (rule of three), so no LR above
    n/3 is claimed from n non-mated comparisons, and none below 3/n from n mated ones. Example:

        300 mated comparisons      LR at least 1/100   log10 LR at least −2
        3,000 non-mated ones       LR at most 1,000    log10 LR at most 3
    """
    return -max(0.0, log10(max(mated_count, 1) / 3.0)), max(0.0, log10(max(non_mated_count, 1) / 3.0))


def contaminated(llr: Floats, low: float, high: float) -> Floats:
    """Bound log10 LRs smoothly, keeping their order: the contaminated likelihood ratio (after Huber, 1965).

    LR' = (LR + 1/A) / (1 + LR/B) with A = 10^-low and B = 10^high: as if a share 1/A of the mated scores were
    drawn from the non-mated distribution, and a share 1/B of the non-mated ones from the mated. It is computed as
    (1/A) · (1 + (1 − 1/AB) / (1/(A·LR) + 1/AB)), where LR occurs once, so that rounding keeps the order.
    Example for 300 mated and 3,000 non-mated comparisons, low = −2 and high = 3:

        log10 LR     −6      −2      0       3       6
        bounded      −2.00   −1.70   0.004   2.70    3.00

    Args:
        llr: any shape; infinities get the bounds, NaN stays NaN.
        low: lower bound, 0 or less.
        high: upper bound, 0 or more; not both 0.

    Returns:
        Same shape, within [low, high].
    """
    floor = 10.0 ** (low - high)
    inverse = 10.0 ** np.clip(low - llr, -MAX_EXPONENT, MAX_EXPONENT)
    return np.asarray(np.minimum(low + np.log1p((1.0 - floor) / (inverse + floor)) / log(10.0), high))
