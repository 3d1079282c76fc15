"""Cost of likelihood ratios: Cllr, and minCllr, the part that no recalibration can remove.

Brümmer and du Preez, "Application-independent evaluation of speaker detection", Computer Speech
and Language 20 (2006). In bits per comparison: 0 is perfect, 1 is an LLR that carries no information.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biometrics.error_rates.verification import checked

Counts = NDArray[np.int64]

VECTOR_PASSES = 64
"""Rounds of the vectorised hull; the few points left after them are handled one by one."""


def cllr(mated_llr: ArrayLike, non_mated_llr: ArrayLike) -> float:
    """Cllr: mean cost of log likelihood ratios, in bits, 0 to infinity; each side has half of the weight.

    Args:
        mated_llr: log10 LR of mated comparisons, any shape.
        non_mated_llr: log10 LR of non-mated comparisons, any shape.
    """
    natural = np.log(10.0)
    missed = np.logaddexp(0.0, -natural * np.asarray(mated_llr, np.float64))
    believed = np.logaddexp(0.0, natural * np.asarray(non_mated_llr, np.float64))
    return float((missed.mean() + believed.mean()) / (2.0 * np.log(2.0)))


@dataclass(frozen=True, slots=True)
class Blocks:
    """Scores pooled into k blocks of equal likelihood ratio, which rises from block to block.

    Args:
        lowest: float64, shape (k,), rising: the lowest score in each block.
        mated: int64, shape (k,): mated comparisons in each block.
        non_mated: int64, shape (k,): non-mated comparisons in each block.
    """

    lowest: NDArray[np.float64]
    mated: Counts
    non_mated: Counts

    def llr(self) -> NDArray[np.float64]:
        """log10 LR of each block, shape (k,), rising; −inf without mated comparisons, inf without non-mated ones."""
        with np.errstate(divide="ignore"):
            share_mated = np.log10(self.mated / self.mated.sum())
            return np.asarray(share_mated - np.log10(self.non_mated / self.non_mated.sum()))


def pool_adjacent(mated: ArrayLike, non_mated: ArrayLike) -> Blocks:
    """Pool adjacent violators: the non-decreasing map of scores to LLRs that costs least.

    It is found as the convex hull of the ROC: the likelihood ratio of a block is the slope of its hull segment.

    Args:
        mated: scores of mated comparisons, −inf for those that could not be made.
        non_mated: scores of non-mated comparisons, finite.

    Raises:
        ValueError: a side is empty or has NaN.
    """
    mated, non_mated = checked(mated, non_mated)
    below_mated, below_non_mated = _hull(*_roc(mated, non_mated))
    lowest = np.fmin(
        np.append(mated, np.inf)[below_mated[:-1]],
        np.append(non_mated, np.inf)[below_non_mated[:-1]],
    )
    return Blocks(lowest, np.diff(below_mated), np.diff(below_non_mated))


def min_cllr(mated: ArrayLike, non_mated: ArrayLike) -> float:
    """The lowest Cllr, in bits, 0–1, that any non-decreasing map of these scores to LLRs can reach.

    Args:
        mated: scores of mated comparisons, −inf for those that could not be made.
        non_mated: scores of non-mated comparisons, finite.

    Raises:
        ValueError: a side is empty or has NaN.
    """
    return min_cllr_of(pool_adjacent(mated, non_mated))


def min_cllr_of(blocks: Blocks) -> float:
    """minCllr, in bits, 0–1, of pooled scores: the Cllr when each score has the LLR of its block."""
    share_mated = blocks.mated / blocks.mated.sum()
    share_non_mated = blocks.non_mated / blocks.non_mated.sum()
    return float(_cost(share_mated, share_non_mated) + _cost(share_non_mated, share_mated)) / 2.0


def _cost(share: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Sum of share · log2(1 + other/share) over the blocks whose share is above 0."""
    has = share > 0.0
    return float(np.sum(share[has] * np.log2(1.0 + other[has] / share[has])))


def _roc(mated: NDArray[np.float64], non_mated: NDArray[np.float64]) -> tuple[Counts, Counts]:
    """Numbers of mated and of non-mated scores below each distinct score, and below infinity."""
    every = np.sort(np.concatenate((mated, non_mated)))
    distinct = every[np.append(True, every[1:] != every[:-1])]
    mated_counts = np.append(np.searchsorted(mated, distinct), mated.size)
    non_mated_counts = np.append(np.searchsorted(non_mated, distinct), non_mated.size)
    return mated_counts.astype(np.int64), non_mated_counts.astype(np.int64)


def _hull(mated: Counts, non_mated: Counts) -> tuple[Counts, Counts]:
    """Lower convex hull of the points (non-mated, mated): remove points on or above a chord of their neighbours.

    Each round removes all such points at once, which is safe since a chord between two points of the set is
    never below the hull. Andrew's monotone chain finishes what the vectorised rounds leave.
    """
    for _ in range(VECTOR_PASSES):
        dg, di = np.diff(mated), np.diff(non_mated)
        kept = np.concatenate(([True], dg[:-1] * di[1:] < dg[1:] * di[:-1], [True]))
        if kept.all():
            return mated, non_mated
        mated, non_mated = mated[kept], non_mated[kept]
    return _monotone_chain(mated, non_mated)


def _monotone_chain(mated: Counts, non_mated: Counts) -> tuple[Counts, Counts]:
    """Lower convex hull by Andrew's monotone chain, one point at a time."""
    chain: list[tuple[int, int]] = []
    for g, i in zip(mated.tolist(), non_mated.tolist(), strict=True):
        while len(chain) > 1:
            (g0, i0), (g1, i1) = chain[-2:]
            if (g1 - g0) * (i - i1) < (g - g1) * (i1 - i0):
                break
            chain.pop()
        chain.append((g, i))
    vertices = np.asarray(chain, np.int64)
    return vertices[:, 0], vertices[:, 1]
