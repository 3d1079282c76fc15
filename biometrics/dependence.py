"""Several witnesses of one modality: what their LLRs are worth together, as they are not independent.

k equal witnesses with a correlation rho of what they say are worth k / (1 + (k − 1) · rho) independent ones (effective
sample size: Kish, Survey Sampling, 1965). So the i-th strongest one adds what i are worth more than i − 1. One
witness is taken as it is, the order does not matter, and an LLR that rises never lowers a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dependence:
    """How much the witnesses of one modality repeat each other.

    Args:
        samples: rho of several samples of one position, 0 to 1.
        positions: rho of different positions, 0 to `samples`.
    """

    samples: float = 1.0
    positions: float = 0.0


def rank_weights(count: int, rho: float) -> Floats:
    """What the 1st, 2nd … strongest of `count` witnesses adds; shape (count,), 1 first, then falling, 0 or more.

    All are 1 for rho 0 (independent witnesses), and all but the first are 0 for rho 1 (one witness, heard again).
    """
    number = np.arange(count + 1.0)
    return np.diff(number / (1.0 + np.maximum(number - 1.0, 0.0) * rho))


def of_positions(llrs: Sequence[float] | Floats, rho: float) -> Floats:
    """What each of several positions (fingers, eyes) adds: those for and those against, each ranked by strength.

    Another witness for a side never weakens it.

    Args:
        llrs: log10 LRs along the last axis, shape (…, k).
        rho: 0 to 1.
    """
    given = np.asarray(llrs, np.float64)
    return _ranked(np.maximum(given, 0.0), rho) - _ranked(np.maximum(-given, 0.0), rho)


def of_samples(llrs: Sequence[float] | Floats, rho: float) -> Floats:
    """What each of several samples of one position adds: those for are ranked by strength, those against are averaged.

    A poor capture of the right finger scores like another finger, so what speaks against is the mean of its likelihood
    ratios, LRs above 1 counting as 1: never more than log10(k) against a sample that speaks strongly for, which is what
    the best of k would be charged (docs/decisions/0017). Another witness for never weakens the sum.

    Args:
        llrs: log10 LRs along the last axis, shape (…, k).
        rho: 0 to 1.
    """
    given = np.asarray(llrs, np.float64)
    against = np.minimum(given, 0.0)
    strongest = against.min(axis=-1, keepdims=True)
    mean = strongest + np.log10(np.mean(10.0 ** (against - strongest), axis=-1, keepdims=True))
    total = np.minimum(against.sum(axis=-1, keepdims=True), np.finfo(np.float64).tiny * -1.0)
    return np.asarray(_ranked(np.maximum(given, 0.0), rho) + mean * (against / total))


def _ranked(strength: Floats, rho: float) -> Floats:
    """Strengths, 0 or more, times the weight of their rank along the last axis."""
    order = np.argsort(-strength, axis=-1, kind="stable")
    weights = np.empty_like(strength)
    np.put_along_axis(weights, order, np.broadcast_to(rank_weights(strength.shape[-1], rho), strength.shape), axis=-1)
    return np.asarray(weights * strength)
