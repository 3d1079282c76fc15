"""What likelihood ratios are worth: Cllr, and minCllr, the part that no recalibration can remove.

Brümmer and du Preez, "Application-independent evaluation of speaker detection", Computer Speech
and Language 20 (2006). In bits per comparison: 0 is perfect, 1 is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.metrics.verification import checked

Counts = NDArray[np.int64]

VECTOR_PASSES = 64
"""Rounds of the vectorised hull before the few points that are left are finished one by one."""


def cllr(mated_llr: ArrayLike, non_mated_llr: ArrayLike) -> float:
    """Cost of log likelihood ratios, in bits, 0 to infinity.

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
    """Scores pooled into blocks between which the likelihood ratio rises, from the lowest score up.

    Args:
        lowest: float64, shape (k,), rising: the lowest score in each block.
        mated: int64, shape (k,): mated comparisons in it.
        non_mated: int64, shape (k,): non-mated comparisons in it.
    """

    lowest: NDArray[np.float64]
    mated: Counts
    non_mated: Counts

    def llr(self) -> NDArray[np.float64]:
        """log10 LR of each block, shape (k,), rising; −inf or inf where one kind is absent."""
        with np.errstate(divide="ignore"):
            share_mated = np.log10(self.mated / self.mated.sum())
            return np.asarray(share_mated - np.log10(self.non_mated / self.non_mated.sum()))


def pool_adjacent(mated: ArrayLike, non_mated: ArrayLike) -> Blocks:
    """Pool adjacent violators: the non-decreasing map of scores to LLRs that costs least.

    It is the convex hull of the ROC: the likelihood ratio of a block of scores is the slope of its hull segment.

    Args:
        mated: scores of mated comparisons, −inf where none could be made.
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
    """The lowest Cllr that any non-decreasing map of these scores to LLRs reaches, in bits, 0–1.

    Args:
        mated: scores of mated comparisons, −inf where none could be made.
        non_mated: scores of non-mated comparisons, finite.

    Raises:
        ValueError: a side is empty or has NaN.
    """
    return min_cllr_of(pool_adjacent(mated, non_mated))


def min_cllr_of(blocks: Blocks) -> float:
    """Cllr, in bits, 0–1, of scores that are replaced by the LLR of their block."""
    share_mated = blocks.mated / blocks.mated.sum()
    share_non_mated = blocks.non_mated / blocks.non_mated.sum()
    return float(_cost(share_mated, share_non_mated) + _cost(share_non_mated, share_mated)) / 2.0


def _cost(share: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Sum of share · log2(1 + other/share) over the blocks that have a share."""
    has = share > 0.0
    return float(np.sum(share[has] * np.log2(1.0 + other[has] / share[has])))


def _roc(mated: NDArray[np.float64], non_mated: NDArray[np.float64]) -> tuple[Counts, Counts]:
    """Counts of mated and non-mated scores below each distinct score and below infinity."""
    every = np.sort(np.concatenate((mated, non_mated)))
    distinct = every[np.append(True, every[1:] != every[:-1])]
    mated = np.append(np.searchsorted(mated, distinct), mated.size)
    non_mated = np.append(np.searchsorted(non_mated, distinct), non_mated.size)
    return mated.astype(np.int64), non_mated.astype(np.int64)


def _hull(mated: Counts, non_mated: Counts) -> tuple[Counts, Counts]:
    """Keep the vertices between which mated per non-mated rises: a point on or above a chord goes.

    All such points go at once, round by round, since a chord between two points of the set is never
    below the hull. What is left after the vectorised rounds is finished by Andrew's monotone chain.
    """
    for _ in range(VECTOR_PASSES):
        dg, di = np.diff(mated), np.diff(non_mated)
        kept = np.concatenate(([True], dg[:-1] * di[1:] < dg[1:] * di[:-1], [True]))
        if kept.all():
            return mated, non_mated
        mated, non_mated = mated[kept], non_mated[kept]
    return _monotone_chain(mated, non_mated)


def _monotone_chain(mated: Counts, non_mated: Counts) -> tuple[Counts, Counts]:
    """Andrew's monotone chain, one point at a time."""
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
