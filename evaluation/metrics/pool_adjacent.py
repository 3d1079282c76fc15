"""Pool adjacent violators: scores in blocks whose likelihood ratio rises from block to block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from evaluation.metrics.verification import checked

Counts = NDArray[np.int64]


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
