"""Combine the LLRs of several samples or positions of one modality, which are not independent.

k samples whose LLRs correlate by rho are worth k² / Σ rho independent ones, which is k / (1 + (k − 1) · rho) where
all pairs correlate alike (effective sample size: Kish, Survey Sampling, 1965). A single sample keeps its LLR, the
order of the samples does not matter, and a higher LLR of one sample never lowers the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from biometrics.calibration.curves import Floats, through_knots
from biometrics.calibration.sample_sets import (
    group_numbers,
    log10_sum,
    merged_groups,
    set_factors,
    shares,
    shares_over_sets,
)

Llrs = Sequence[float] | Floats

ROWS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Dependence:
    """How much the samples of one modality repeat each other.

    Args:
        likenesses: knots, ascending: how alike two samples of one position are (see `likeness`), 1 for a copy.
            From the last knot on, they are more alike than two separate captures are.
        rhos: at each knot, the correlation of the LLRs of such samples in non-mated comparisons: not falling, 0 to 1,
            and 1 at the last.
        positions: rho of different positions (two fingers, two eyes), 0 to 1.
    """

    likenesses: tuple[float, ...] = (0.0,)
    rhos: tuple[float, ...] = (1.0,)
    positions: float = 0.0

    def __post_init__(self) -> None:
        at, rho = np.asarray(self.likenesses), np.asarray(self.rhos)
        rises = at.shape == rho.shape and (np.diff(at) > 0.0).all() and (np.diff(rho) >= 0.0).all()
        if not (rises and rho[0] >= 0.0 and rho[-1] == 1.0 and 0.0 <= self.positions <= 1.0):
            raise ValueError("likenesses must rise, rhos too, from 0 or more to 1; positions must be 0 to 1")

    def of(self, likeness: ArrayLike) -> Floats:
        """Return the correlation rho of samples of this likeness, same shape; 1 where it is unknown (NaN)."""
        given = np.asarray(likeness, np.float64)
        return np.where(np.isnan(given), 1.0, through_knots(self.likenesses, self.rhos, given))


def likeness(score: float, first_with_itself: float, second_with_itself: float) -> float:
    """How alike two samples are: their score over the geometric mean of each one's score with itself.

    Returns:
        At most about 1; NaN (unknown) where a sample's score with itself is not above 0.
    """
    own = first_with_itself * second_with_itself
    return score / own**0.5 if first_with_itself > 0.0 and own > 0.0 else float("nan")


def rank_weights(count: int, rho: float) -> Floats:
    """Weights of the 1st, 2nd … strongest of `count` LLRs that all correlate by `rho`: shape (count,), falling from 1.

    Rho 0 (independent): all 1. Rho 1 (repetitions of one): 1, then 0. Rho 0.5, four LLRs: 1, 1/3, 1/6, 1/10.
    """
    number = np.arange(count + 1.0)
    return np.diff(number / (1.0 + np.maximum(number - 1.0, 0.0) * rho))


def of_positions(llrs: Llrs, rho: float) -> Floats:
    """Weight the LLR of each position (finger, eye): LLRs above 0 and below 0 are each ranked by strength.

    Another position that supports a side never weakens that side. Example, rho 0.5:

        LLRs 3, 1, −2      weights 1, 1/3 and (its own side) 1      3 + 1/3 − 2 = 1.33

    Args:
        llrs: log10 LRs along the last axis, shape (…, k).
        rho: correlation of different positions, 0 to 1.

    Returns:
        Weighted LLRs, shape (…, k); their sum is the LLR of all positions.
    """
    given = np.asarray(llrs, np.float64)
    if given.shape[-1] == 1:
        return given
    weights = rank_weights(given.shape[-1], rho)
    return _by_rank(np.maximum(given, 0.0), weights) - _by_rank(np.maximum(-given, 0.0), weights)


def of_samples(llrs: Llrs, rhos: ArrayLike) -> Floats:
    """Divide the joint LLR of several samples of one position among the samples.

    1. LLR of a set T of samples: mean LLR of T · |T|² / Σ rho in T. This is their sum where they are independent and
       their mean where they repeat each other; it is exact where scores are normal and correlate by rho.
       Samples that repeat each other entirely (rho 1: copies, crops) count as one, with their mean likelihood ratio.
    2. Joint LR: the mean of the sets' LRs, each set size weighted equally. A mean of likelihood ratios is again a
       likelihood ratio however they depend on each other: its mean over non-mated comparisons is at most 1, so it
       bounds the FMR by Markov's inequality (e-values: Vovk and Wang, 2021). Picking the good samples is thus charged.
    3. A sample's share: what it contributes to the sets that dominate the mean, less its part of that charge.

    A poor sample costs a good one at most log10(2k); k samples that agree cost log10(k). Example, k = 2, log10 LRs:

        4 and 4    rho 0: 7.70    rho 0.5: 5.05    rho 1 (copies): 4.00
        4 and 0    rho 0: 3.88    rho 0.5: 3.44    rho 1: 3.70 (mean LR)

    Args:
        llrs: log10 LRs along the last axis, shape (…, k).
        rhos: correlation of each two samples, shape (k, k), symmetric, 0 to 1.

    Returns:
        Shares, shape (…, k); their sum is the joint log10 LR.
    """
    given, correlations = np.asarray(llrs, np.float64), np.asarray(rhos, np.float64)
    if given.shape[-1] == 1:
        return given
    group = group_numbers(correlations)
    members = group == np.arange(group.max() + 1)[:, None]
    groups, between = merged_groups(given, correlations, members)
    return np.asarray(shares_over_sets(groups, between)[..., group] * shares(given, members))


def samples_together(llrs: Llrs, rhos: ArrayLike) -> Floats:
    """Joint log10 LR of several samples of one position: the sum of `of_samples`, faster for many rows.

    Args:
        llrs: log10 LRs, shape (n, k).
        rhos: as in `of_samples`.

    Returns:
        float64, shape (n,).
    """
    given, correlations = np.asarray(llrs, np.float64), np.asarray(rhos, np.float64)
    group = group_numbers(correlations)
    groups, between = merged_groups(given, correlations, group == np.arange(group.max() + 1)[:, None])
    factors, charges = set_factors(between)
    return np.concatenate([log10_sum(part @ factors.T - charges) for part in _parts(groups)])


def _parts(rows: Floats) -> list[Floats]:
    """Split the rows into parts small enough that their table over all sets fits into a core's cache."""
    return np.array_split(rows, 1 + len(rows) // ROWS_AT_ONCE)


def _by_rank(strength: Floats, weights: Floats) -> Floats:
    """Multiply strengths, 0 or more, by the weight of their rank along the last axis (the strongest is first)."""
    order = np.argsort(-strength, axis=-1, kind="stable")
    placed = np.empty_like(strength)
    np.put_along_axis(placed, order, np.broadcast_to(weights, strength.shape), axis=-1)
    return np.asarray(placed * strength)
