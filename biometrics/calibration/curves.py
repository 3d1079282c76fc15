"""Piecewise linear curves: of the LLR, rising, and of the FMR, falling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Line = Sequence[float] | Floats

MAX_SCORE = 1e30
"""Scores are clipped to ± this, so that infinite scores get the bounding LLRs."""

MAX_SLOPE = 1e200
"""Steepest curve allowed, in log10 LR per unit of score, so that no product overflows."""


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
