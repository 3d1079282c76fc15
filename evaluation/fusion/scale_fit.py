"""Choosing the scale on which a comparator's scores are modelled, and telling its failure code from its scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from biometrics.score_fusion.mixture import Floats, GaussianMixture, log_ratio
from biometrics.score_fusion.scale import ScoreScale

KNEES = (1.0, 4.0)
"""Candidates for the knee of the logarithm, in units of the non-mated median above the lowest score."""

MIN_REPEATS = 3
MIN_GAP = 6.0
"""Least distance of a failure code from every score, in interquartile ranges of the other non-mated scores."""

GRID = 513


def failure_code(mated: Floats, non_mated: Floats) -> float | None:
    """The lowest value, if it is a code for "no comparison was made" rather than a score; else None.

    It is taken for a code if at least three rows have exactly this value and every other score is
    further from it than 6 interquartile ranges of the other non-mated scores.

    Args:
        mated: scores, no NaN.
        non_mated: scores, no NaN.
    """
    every = np.concatenate((mated, non_mated))
    lowest = every.min()
    others, rest = every[every > lowest], non_mated[non_mated > lowest]
    if np.count_nonzero(every == lowest) < MIN_REPEATS or not rest.size:
        return None
    low, high = np.quantile(rest, (0.25, 0.75))
    return float(lowest) if others.min() - lowest > MIN_GAP * (high - low) > 0.0 else None


def fit_scale(mated: Floats, non_mated: Floats, failure: float | None) -> ScoreScale:
    """The scale on which one Gaussian per class fits best, with both classes weighted equally.

    Args:
        mated: scores without failures, at least two different ones.
        non_mated: likewise.
        failure: the code for failures; None where there is none.
    """
    low, high = min(mated.min(), non_mated.min()), max(mated.max(), non_mated.max())
    unit = float(np.median(non_mated) - low)
    knees = (0.0, *(factor * unit for factor in KNEES if unit > 0.0))
    scales = [ScoreScale(float(low), float(high), knee, float(low), 0.0, 1.0, failure) for knee in knees]
    best = max(scales, key=lambda scale: _likelihood(scale, mated) + _likelihood(scale, non_mated))
    sides = best.warp(mated), best.warp(non_mated)
    centre = float(np.mean([side.mean() for side in sides]))
    spread = float(np.sqrt(np.mean([side.var() for side in sides])))
    return replace(best, centre=centre, spread=spread or 1.0)


def _likelihood(scale: ScoreScale, scores: Floats) -> float:
    """Mean log density of one Gaussian on the warped scale, as a density of the score."""
    density = -np.log(scale.warp(scores).std() + 1e-12)
    if scale.knee:
        density -= np.log(scores - scale.floor + scale.knee).mean()
    return float(density)


def narrowed(
    scale: ScoreScale, mated: list[GaussianMixture], non_mated: list[GaussianMixture]
) -> tuple[ScoreScale, tuple[Floats, Floats]]:
    """Clip the scale to where this comparator's own log ratio rises, and return that log ratio as a curve.

    Beyond the data the two classes' Gaussians may cross again; a higher score must not give a lower ratio.

    Args:
        scale: over the training range.
        mated: marginal mixtures of this comparator.
        non_mated: likewise.

    Returns:
        The scale with `low` and `high` narrowed, and a curve: scaled scores, strictly ascending, and the mixtures'
        log10 ratio there, made not to fall.
    """
    scores = np.linspace(scale.low, scale.high, GRID)
    at = (scale.warp(scores) - scale.centre) / scale.spread
    ratio = log_ratio(at[:, None], mated, non_mated) / np.log(10.0)
    last = int(np.argmax(ratio))
    first = int(np.argmin(ratio[: last + 1])) if last else 0
    last = max(last, first + 1)
    kept = slice(first, last + 1)
    return replace(scale, low=float(scores[first]), high=float(scores[last])), (at[kept], rising(ratio[kept]))


def rising(values: Floats) -> Floats:
    """A non-decreasing curve: the mean of the lowest one above the values and the highest one below them."""
    above = np.maximum.accumulate(values)
    below = np.minimum.accumulate(values[::-1])[::-1]
    return np.asarray((above + below) / 2.0)
