"""Sampling rows to fit densities on, so that rare patterns of scores keep enough of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.score_fusion.mixture import Floats, patterns

MOST_ROWS = 200_000
"""Most rows of each class: a density needs no more."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A weighted sample of rows.

    Args:
        rows: their numbers, ascending.
        weights: number of rows that each stands for, 1 or more.
    """

    rows: NDArray[np.int64]
    weights: Floats


def draw(x: Floats, random: np.random.Generator) -> Drawn:
    """Take all rows, or 200,000: half in proportion to the size of each pattern, half equally for every pattern.

    Args:
        x: shape (n, d), NaN where missing.
        random: source of the random choice.
    """
    if len(x) <= MOST_ROWS:
        return Drawn(np.arange(len(x)), np.ones(len(x)))
    found = [rows for _, rows in patterns(~np.isnan(x))]
    equal = MOST_ROWS // (2 * len(found))
    parts = []
    for rows in found:
        count = min(rows.size, equal + MOST_ROWS * rows.size // (2 * len(x)))
        if count:
            parts.append(Drawn(random.choice(rows, count, replace=False), np.full(count, rows.size / count)))
    rows, weights = (np.concatenate([getattr(each, name) for each in parts]) for name in ("rows", "weights"))
    order = np.argsort(rows)
    return Drawn(rows[order], weights[order])
