"""Cost of likelihood ratios: Cllr, and minCllr, the part that no recalibration can remove.

Brümmer and du Preez, "Application-independent evaluation of speaker detection", Computer Speech
and Language 20 (2006). In bits per comparison: 0 is perfect, 1 is an LLR that carries no information.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from evaluation.metrics.verification import checked

Counts = NDArray[np.int64]


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
    sides = checked(mated, non_mated)
    distinct = np.unique(np.concatenate(sides))
    mated, non_mated = (np.diff(np.searchsorted(side, distinct), append=side.size) for side in sides)
    starts = block_starts(mated, non_mated)
    return Blocks(distinct[starts], *(np.add.reduceat(counts, starts) for counts in (mated, non_mated)))


def block_starts(mated: NDArray[Any], non_mated: NDArray[Any]) -> NDArray[np.int64]:
    """Where the blocks of counts begin, from the lowest score up, between which the share of mated ones rises.

    Args:
        mated: comparisons at each of some rising scores, shape (k,).
        non_mated: likewise; not both 0.
    """
    every = mated + non_mated
    starts = isotonic_regression(mated / every, weights=every).blocks[:-1]
    share = np.add.reduceat(mated, starts) / np.add.reduceat(every, starts)
    return np.asarray(
        starts[np.append(True, share[1:] > share[:-1])]
    )  # equal ones may have been kept apart by rounding


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
