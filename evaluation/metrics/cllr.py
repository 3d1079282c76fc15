"""Cost of likelihood ratios: Cllr, and minCllr, the part that no recalibration can remove.

Brümmer and du Preez, "Application-independent evaluation of speaker detection", Computer Speech
and Language 20 (2006). In bits per comparison: 0 is perfect, 1 is an LLR that carries no information.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.metrics.pool_adjacent import Blocks, pool_adjacent


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
