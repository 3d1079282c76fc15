"""Piecewise linear curves, bounds of likelihood ratios by counts, and the effect of sample quality on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log10

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Line = Sequence[float] | Floats

MAX_SCORE = 1e30
"""Scores are clipped to ± this, so that infinite scores get the bounding LLRs."""

MAX_SLOPE = 1e200
"""Steepest curve allowed, in log10 LR per unit of score, so that no product overflows."""

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


def through_knots(at: Line, level: Line, values: Floats) -> Floats:
    """Evaluate a piecewise linear curve that is constant outside its knots; monotone also after rounding.

    Args:
        at: abscissas of the knots, ascending, at least one.
        level: the curve at each knot, monotone.
        values: abscissas at which to evaluate, any shape; NaN stays NaN.
    """
    place, height = np.asarray(at, np.float64), np.asarray(level, np.float64)
    left = np.clip(np.searchsorted(place, values, side="right") - 1, 0, place.size - 1)
    right = np.minimum(left + 1, place.size - 1)
    width = np.where(right > left, place[right] - place[left], 1.0)
    share = np.clip((np.clip(values, place[0], place[-1]) - place[left]) / width, 0.0, 1.0)
    line = height[left] + share * (height[right] - height[left])
    lower, upper = np.minimum(height[left], height[right]), np.maximum(height[left], height[right])
    return np.asarray(np.clip(line, lower, upper))


def rising(at: Line, level: Line, scores: ArrayLike) -> Floats:
    """Evaluate a strictly rising piecewise linear curve that continues its first and last line outside its knots.

    Args:
        at: scores of the knots, strictly ascending, at least two.
        level: the curve at each knot, strictly ascending.
        scores: any shape, clipped to ± MAX_SCORE; NaN stays NaN.
    """
    raw = np.clip(np.asarray(scores, np.float64), -MAX_SCORE, MAX_SCORE)
    first, last = ((level[i + 1] - level[i]) / (at[i + 1] - at[i]) for i in (0, len(at) - 2))
    outside = first * np.minimum(raw - at[0], 0.0) + last * np.maximum(raw - at[-1], 0.0)
    return np.asarray(through_knots(at, level, raw) + outside)


def rising_fault(scores: Sequence[float], llrs: Sequence[float]) -> str:
    """Name what is wrong with the knots of an LLR curve, or "" if nothing is."""
    if len(scores) < 2 or len(scores) != len(llrs) or not (np.abs([scores, llrs]) <= MAX_SCORE).all():
        return "its LLR knots are fewer than two or not finite"
    run, rise = np.diff(scores), np.diff(llrs)
    if (run <= 0.0).any() or (rise <= 0.0).any():
        return "its LLR knots do not rise strictly"
    return "its LLR knots are too steep" if (rise / MAX_SLOPE >= run).any() else ""


def falling_fault(scores: Sequence[float], levels: Sequence[float]) -> str:
    """Name what is wrong with the knots of an FMR curve, or "" if nothing is."""
    if len(scores) == 0 or len(scores) != len(levels) or not np.isfinite([scores, levels]).all():
        return "its FMR knots are missing or not finite"
    if (np.diff(scores) <= 0.0).any() or (np.diff(levels) >= 0.0).any() or levels[0] > 0.0:
        return "its FMR knots do not fall strictly from 1 or less"
    return ""


@dataclass(frozen=True, slots=True)
class QualityEffect:
    """How the LLR depends on the probe's quality q: alpha(q) + beta(q) · LLR.

    alpha and beta are linear between the nodes and constant outside them.

    Args:
        nodes: qualities 0–100, strictly ascending, at least one.
        alpha: log10 LR added at each node.
        beta: factor at each node, above 0, so that the LLR still rises with the score.
    """

    nodes: tuple[float, ...]
    alpha: tuple[float, ...]
    beta: tuple[float, ...]

    @property
    def fault(self) -> str:
        """Name what is wrong with the values, or "" if nothing is."""
        sizes = {len(self.nodes), len(self.alpha), len(self.beta)}
        if sizes == {0} or len(sizes) > 1 or not np.isfinite([self.nodes, self.alpha, self.beta]).all():
            return "its quality nodes are missing or not finite"
        steady = (np.diff(self.nodes) > 0.0).all() and min(self.beta) > 0.0
        return "" if steady else "its quality nodes do not ascend, or a factor is not above 0"

    def applied(self, llr: Floats, quality: Floats) -> Floats:
        """Return the LLRs at these qualities, the two shapes broadcast; unchanged where the quality is NaN."""
        alpha, beta = (through_knots(self.nodes, each, quality) for each in (self.alpha, self.beta))
        return np.where(np.isnan(quality), llr, alpha + beta * llr)
