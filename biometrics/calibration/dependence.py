"""Several witnesses of one modality: what their LLRs are worth together, as they are not independent.

k witnesses with a correlation rho of what they say are worth k² / Σ rho independent ones, k / (1 + (k − 1) · rho)
where all are equally alike (effective sample size: Kish, Survey Sampling, 1965). One witness is taken as it is, the
order does not matter, and an LLR that rises never lowers a sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from biometrics.calibration.curves import Floats, through_knots
from biometrics.calibration.sample_sets import counted, log10_sum, mean_over_sets, shares, told_apart, witnesses_of

Likelihoods = Sequence[float] | Floats

ROWS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Dependence:
    """How much the witnesses of one modality repeat each other.

    Args:
        likenesses: how alike two samples of one position are, ascending: their score over the geometric mean of the
            scores of each with itself, 1 for a copy. From the last one on they are more alike than two captures are.
        rhos: the correlation of what such samples say of other people, not falling, 0 to 1; 1 at the last.
        positions: rho of different positions, 0 to 1.
    """

    likenesses: tuple[float, ...] = (0.0,)
    rhos: tuple[float, ...] = (1.0,)
    positions: float = 0.0

    def __post_init__(self) -> None:
        at, rho = np.asarray(self.likenesses), np.asarray(self.rhos)
        rises = at.shape == rho.shape and (np.diff(at) > 0.0).all() and (np.diff(rho) >= 0.0).all()
        if not (rises and rho[0] >= 0.0 and rho[-1] == 1.0 and 0.0 <= self.positions <= 1.0):
            raise ValueError("likenesses rise, rhos too, from 0 or more to 1; positions 0 to 1")

    def of(self, likeness: ArrayLike) -> Floats:
        """The correlation rho of samples as alike as this, same shape; 1 where it is not known (NaN)."""
        given = np.asarray(likeness, np.float64)
        return np.where(np.isnan(given), 1.0, through_knots(self.likenesses, self.rhos, given))


def likeness(score: float, first_with_itself: float, second_with_itself: float) -> float:
    """How alike two samples are: their score over the geometric mean of the scores of each with itself.

    Returns:
        At most about 1; NaN where a sample is not even like itself, and nothing can be said.
    """
    own = first_with_itself * second_with_itself
    return score / own**0.5 if first_with_itself > 0.0 and own > 0.0 else float("nan")


def rank_weights(count: int, rho: float) -> Floats:
    """What the 1st, 2nd … strongest of `count` equally alike witnesses adds; shape (count,), 1 first, then falling.

    All are 1 for rho 0 (independent witnesses), and all but the first are 0 for rho 1 (one witness, heard again).
    """
    number = np.arange(count + 1.0)
    return np.diff(number / (1.0 + np.maximum(number - 1.0, 0.0) * rho))


def of_positions(llrs: Likelihoods, rho: float) -> Floats:
    """What each of several positions (fingers, eyes) adds: those for and those against, each ranked by strength.

    Another witness for a side never weakens it.

    Args:
        llrs: log10 LRs along the last axis, shape (…, k).
        rho: 0 to 1.
    """
    given = np.asarray(llrs, np.float64)
    if given.shape[-1] == 1:
        return given
    weights = rank_weights(given.shape[-1], rho)
    return _by_rank(np.maximum(given, 0.0), weights) - _by_rank(np.maximum(-given, 0.0), weights)


def of_samples(llrs: Likelihoods, rhos: ArrayLike) -> Floats:
    """What each of several samples of one position adds.

    1. A set T of samples says mean LLR of T · |T|² / Σ rho in T: all it adds up to where they are independent, as one
       where they repeat each other. It is the LLR where scores are normal and correlated by rho.
       Samples that repeat each other entirely (rho 1: copies, crops) are one there, of their mean likelihood ratio.
    2. All of them together: the mean over sets, every size weighing alike. A mean of likelihood ratios is one whatever
       ties them (over non-mated comparisons it is at most 1, so it bounds the FMR by Markov's inequality: e-values,
       Vovk and Wang, 2021), so no choice of good samples among bad ones goes uncharged.
    3. A sample's share is what it says in the sets that weigh, less its part of the charge for their choice.

    Copies are worth one. A poor sample costs a good one at most log10(2k); k that agree cost log10(k).

    Args:
        llrs: log10 LRs along the last axis, shape (…, k).
        rhos: how much each sample repeats each, shape (k, k), symmetric, 0 to 1.
    """
    given, tied = np.asarray(llrs, np.float64), np.asarray(rhos, np.float64)
    if given.shape[-1] == 1:
        return given
    group = told_apart(tied)
    members = group == np.arange(group.max() + 1)[:, None]
    witnesses, between = witnesses_of(given, tied, members)
    return np.asarray(mean_over_sets(witnesses, between)[..., group] * shares(given, members))


def samples_together(llrs: Likelihoods, rhos: ArrayLike) -> Floats:
    """What several samples of one position add up to, the sum of `of_samples`; shape (n,). Made for many rows.

    Args:
        llrs: log10 LRs, shape (n, k).
        rhos: as of `of_samples`.
    """
    given, tied = np.asarray(llrs, np.float64), np.asarray(rhos, np.float64)
    group = told_apart(tied)
    witnesses, between = witnesses_of(given, tied, group == np.arange(group.max() + 1)[:, None])
    counts, chances = counted(between)
    return np.concatenate([log10_sum(part @ counts.T - chances) for part in _parts(witnesses)])


def _parts(rows: Floats) -> list[Floats]:
    """The rows in parts whose sets fit into a core's cache."""
    return np.array_split(rows, 1 + len(rows) // ROWS_AT_ONCE)


def _by_rank(strength: Floats, weights: Floats) -> Floats:
    """Strengths, 0 or more, times the weight of their rank along the last axis."""
    order = np.argsort(-strength, axis=-1, kind="stable")
    placed = np.empty_like(strength)
    np.put_along_axis(placed, order, np.broadcast_to(weights, strength.shape), axis=-1)
    return np.asarray(placed * strength)
