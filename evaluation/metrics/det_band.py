"""Confidence band of a DET curve (FNMR at each FMR) and confidence interval of its EER.

Both rates are measured, so the threshold that has a true FMR of t is itself uncertain. The limits at FMR t are found by

1. the limits of the FNMR at the threshold where t is seen (`shared_subjects`);
2. how many times higher the FMR may be there, u/t with u its upper limit, thus the stricter threshold where t²/u is
   seen; and there once more, as subjects that were not seen matter the more, the stricter the threshold. Likewise,
   once, how many times lower;
3. the FNMR at those thresholds, put together with the first by the root of the sum of squares (variance estimates
   recovered from limits: Zou, Donner 2008). Where less than one error would be seen, the upper limit is 1: so few
   people do not carry so low an FMR.

The EER's interval ends where the band meets the diagonal: an EER of x is ruled out where the band at FMR x does not
contain the FNMR x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.metrics.intervals import Interval
from evaluation.metrics.shared_subjects import Comparisons, SubjectErrors
from evaluation.metrics.verification import Floats, equal_error_rate, error_curve

RAREST = 1e-12
"""Lowest FMR for which the band is computed."""

DIAGONAL = 300
"""Number of FMRs, log-spaced, at which the band is compared with the diagonal."""


@dataclass(frozen=True, slots=True)
class Band:
    """Pointwise confidence limits of a DET curve.

    Args:
        eer: confidence interval of the equal error rate.
        low: float64, shape (k,), 0–1: lower limit of the FNMR at each FMR.
        high: float64, shape (k,), 0–1: upper limit.
    """

    eer: Interval
    low: Floats
    high: Floats


def error_band(mated: Comparisons, non_mated: Comparisons, fmrs: Sequence[float] | Floats) -> Band:
    """The FNMR's limits at each FMR, and those of the EER.

    Args:
        mated: mated comparisons, at least one; score −inf for those that could not be made.
        non_mated: non-mated comparisons, at least one.
        fmrs: shape (k,), 0–1: where the FNMR is wanted, at the lowest threshold that keeps the FMR.
    """
    return band_of(SubjectErrors.of_mated(mated), SubjectErrors.of_non_mated(non_mated), fmrs)


def band_of(mated: SubjectErrors, non_mated: SubjectErrors, fmrs: Sequence[float] | Floats) -> Band:
    """`error_band` of comparisons whose errors are counted already."""
    eer = equal_error_rate(error_curve(mated.ordered, -non_mated.ordered))
    diagonal = np.unique(np.append(np.geomspace(1.0 / non_mated.count, 1.0, DIAGONAL), max(eer, RAREST)))
    crossed = fnmr_limits(mated, non_mated, diagonal)
    return Band(_crossings(diagonal, *crossed, eer), *fnmr_limits(mated, non_mated, fmrs))


def fnmr_limits(
    mated: SubjectErrors, non_mated: SubjectErrors, fmrs: Sequence[float] | Floats
) -> tuple[Floats, Floats]:
    """Lower and upper limit of the FNMR at each FMR: steps 1 to 3 of the module, shape (k,) each, 0–1."""
    fmr = np.maximum(np.asarray(fmrs, np.float64), RAREST)
    count, seen = non_mated.count, fmr * non_mated.count
    errors = _missed(mated, non_mated, seen)
    low, high = mated.limits(errors)
    rarer, commoner = non_mated.limits(np.minimum(seen, count))
    stricter = np.maximum(1.0, seen * fmr / np.maximum(commoner, fmr))
    stricter = fmr * stricter / np.maximum(non_mated.limits(stricter)[1], stricter / count)
    laxer = np.minimum(count, seen * fmr / np.maximum(rarer, fmr * fmr))
    rate = errors / mated.count
    over = np.where(stricter < 1.0 - 1e-9, 1.0, _missed(mated, non_mated, stricter) / mated.count) - rate
    under = rate - np.where(laxer < count, _missed(mated, non_mated, np.ceil(laxer)) / mated.count, 0.0)
    return np.maximum(0.0, rate - np.hypot(rate - low, under)), np.minimum(1.0, rate + np.hypot(high - rate, over))


def _missed(mated: SubjectErrors, non_mated: SubjectErrors, allowed: Floats) -> Floats:
    """Number of mated comparisons below the lowest threshold at which at most `allowed` non-mated ones match."""
    place = np.minimum((allowed + 1e-9).astype(np.int64), non_mated.count)
    excluded = np.append(-non_mated.ordered, -np.inf)[place]
    return np.searchsorted(mated.ordered, excluded, side="right").astype(np.float64)


def _crossings(fmr: Floats, low: Floats, high: Floats, eer: float) -> Interval:
    """The FMRs nearest to the EER, on either side, at which the band no longer contains the diagonal."""
    above, below = fmr[(high < fmr) & (fmr >= eer)], fmr[(low > fmr) & (fmr <= eer)]
    return Interval(float(below.max(initial=0.0)), float(above.min(initial=1.0)))
