"""What likelihood ratios are worth: Cllr, and minCllr, the part that no recalibration can remove.

Brümmer and du Preez, "Application-independent evaluation of speaker detection", Computer Speech
and Language 20 (2006). In bits per comparison: 0 is perfect, 1 is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biometrics.error_rates.verification import checked

Counts = NDArray[np.int64]

VECTOR_PASSES = 64
"""Rounds of the vectorised hull before the few points that are left are finished one by one."""


def cllr(genuine_llr: ArrayLike, impostor_llr: ArrayLike) -> float:
    """Cost of log likelihood ratios, in bits, 0 to infinity.

    Args:
        genuine_llr: log10 LR of mated comparisons, any shape.
        impostor_llr: log10 LR of non-mated comparisons, any shape.
    """
    natural = np.log(10.0)
    missed = np.logaddexp(0.0, -natural * np.asarray(genuine_llr, np.float64))
    believed = np.logaddexp(0.0, natural * np.asarray(impostor_llr, np.float64))
    return float((missed.mean() + believed.mean()) / (2.0 * np.log(2.0)))


@dataclass(frozen=True, slots=True)
class Blocks:
    """Scores pooled into blocks between which the likelihood ratio rises, from the lowest score up.

    Args:
        lowest: float64, shape (k,), rising: the lowest score in each block.
        genuine: int64, shape (k,): mated comparisons in it.
        impostor: int64, shape (k,): non-mated comparisons in it.
    """

    lowest: NDArray[np.float64]
    genuine: Counts
    impostor: Counts

    def llr(self) -> NDArray[np.float64]:
        """log10 LR of each block, shape (k,), rising; −inf or inf where one kind is absent."""
        with np.errstate(divide="ignore"):
            share_genuine = np.log10(self.genuine / self.genuine.sum())
            return np.asarray(share_genuine - np.log10(self.impostor / self.impostor.sum()))


def pool_adjacent(genuine: ArrayLike, impostor: ArrayLike) -> Blocks:
    """Pool adjacent violators: the non-decreasing map of scores to LLRs that costs least.

    It is the convex hull of the ROC: the likelihood ratio of a block of scores is the slope of its hull segment.

    Args:
        genuine: scores of mated comparisons, −inf where none could be made.
        impostor: scores of non-mated comparisons, finite.

    Raises:
        ValueError: a side is empty or has NaN.
    """
    mated, non_mated = checked(genuine, impostor)
    below_genuine, below_impostor = _hull(*_roc(mated, non_mated))
    lowest = np.fmin(
        np.append(mated, np.inf)[below_genuine[:-1]],
        np.append(non_mated, np.inf)[below_impostor[:-1]],
    )
    return Blocks(lowest, np.diff(below_genuine), np.diff(below_impostor))


def min_cllr(genuine: ArrayLike, impostor: ArrayLike) -> float:
    """The lowest Cllr that any non-decreasing map of these scores to LLRs reaches, in bits, 0–1.

    Args:
        genuine: scores of mated comparisons, −inf where none could be made.
        impostor: scores of non-mated comparisons, finite.

    Raises:
        ValueError: a side is empty or has NaN.
    """
    return min_cllr_of(pool_adjacent(genuine, impostor))


def min_cllr_of(blocks: Blocks) -> float:
    """Cllr, in bits, 0–1, of scores that are replaced by the LLR of their block."""
    share_genuine = blocks.genuine / blocks.genuine.sum()
    share_impostor = blocks.impostor / blocks.impostor.sum()
    return float(_cost(share_genuine, share_impostor) + _cost(share_impostor, share_genuine)) / 2.0


def _cost(share: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Sum of share · log2(1 + other/share) over the blocks that have a share."""
    has = share > 0.0
    return float(np.sum(share[has] * np.log2(1.0 + other[has] / share[has])))


def _roc(mated: NDArray[np.float64], non_mated: NDArray[np.float64]) -> tuple[Counts, Counts]:
    """Counts of genuine and impostor scores below each distinct score and below infinity."""
    every = np.sort(np.concatenate((mated, non_mated)))
    distinct = every[np.append(True, every[1:] != every[:-1])]
    genuine = np.append(np.searchsorted(mated, distinct), mated.size)
    impostor = np.append(np.searchsorted(non_mated, distinct), non_mated.size)
    return genuine.astype(np.int64), impostor.astype(np.int64)


def _hull(genuine: Counts, impostor: Counts) -> tuple[Counts, Counts]:
    """Keep the vertices between which genuine per impostor rises: a point on or above a chord goes.

    All such points go at once, round by round, since a chord between two points of the set is never
    below the hull. What is left after the vectorised rounds is finished by Andrew's monotone chain.
    """
    for _ in range(VECTOR_PASSES):
        dg, di = np.diff(genuine), np.diff(impostor)
        kept = np.concatenate(([True], dg[:-1] * di[1:] < dg[1:] * di[:-1], [True]))
        if kept.all():
            return genuine, impostor
        genuine, impostor = genuine[kept], impostor[kept]
    return _monotone_chain(genuine, impostor)


def _monotone_chain(genuine: Counts, impostor: Counts) -> tuple[Counts, Counts]:
    """Andrew's monotone chain, one point at a time."""
    chain: list[tuple[int, int]] = []
    for g, i in zip(genuine.tolist(), impostor.tolist(), strict=True):
        while len(chain) > 1:
            (g0, i0), (g1, i1) = chain[-2:]
            if (g1 - g0) * (i - i1) < (g - g1) * (i1 - i0):
                break
            chain.pop()
        chain.append((g, i))
    vertices = np.asarray(chain, np.int64)
    return vertices[:, 0], vertices[:, 1]
