"""Several witnesses of one kind who are not independent: what their LLRs are worth together.

k equal witnesses with a correlation rho of what they say are worth k / (1 + (k − 1) · rho) independent ones (the
effective sample size of Kish, Survey Sampling, 1965). So the i-th strongest one adds what i are worth more than i − 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rank_weights(count: int, rho: float) -> Floats:
    """What the 1st, 2nd … strongest of `count` witnesses adds; shape (count,), 1 first, then falling, 0 or more.

    All are 1 for rho 0 (independent witnesses), and all but the first are 0 for rho 1 (one witness, heard again).
    """
    number = np.arange(count + 1.0)
    return np.diff(number / (1.0 + np.maximum(number - 1.0, 0.0) * rho))


def contributions(llrs: Sequence[float] | Floats, rho: float) -> Floats:
    """What each witness adds to the sum, in order: those for and those against, each ranked by strength.

    One witness is taken as it is; a witness of LLR 0 adds 0; the order does not matter; an LLR that rises never
    lowers the sum, and nor does another witness for the same side weaken it.

    Args:
        llrs: log10 LRs along the last axis, shape (…, k).
        rho: 0 to 1.
    """
    given = np.asarray(llrs, np.float64)
    weights = rank_weights(given.shape[-1], rho)
    added = np.zeros_like(given)
    for side in (np.maximum(given, 0.0), np.maximum(-given, 0.0)):
        order = np.argsort(-side, axis=-1, kind="stable")
        weighted = np.empty_like(given)
        np.put_along_axis(weighted, order, np.broadcast_to(weights, given.shape), axis=-1)
        added += np.where(side > 0.0, weighted * given, 0.0)
    return added
