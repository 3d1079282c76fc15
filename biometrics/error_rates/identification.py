"""Identification error rates (ISO/IEC 19795-1): CMC for closed sets, FPIR and FNIR for open sets.

All rates hold for N enrolled subjects, the number in the searches that the scores come from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biometrics.error_rates.verification import Floats, threshold_at_fmr


def mate_ranks(scores: ArrayLike, mates: ArrayLike) -> NDArray[np.int64]:
    """Rank of each probe's mate among the enrolled subjects; 1 is the best.

    Ties count against the mate: a subject with an equal score is ranked before it.

    Args:
        scores: shape (probes, N), the probe's best score with each enrolled subject.
        mates: shape (probes,), column of the probe's own subject.

    Returns:
        int64, shape (probes,), 1 to N.
    """
    table = np.asarray(scores)
    own = np.take_along_axis(table, np.asarray(mates, np.int64)[:, None], axis=1)
    return np.asarray(np.count_nonzero(table >= own, axis=1), np.int64)


def cmc(ranks: ArrayLike, max_rank: int) -> Floats:
    """Cumulative match characteristic: share of probes whose mate is at rank 1, at most 2, … `max_rank`.

    Returns:
        float64, shape (max_rank,), 0–1, rising.
    """
    found = np.asarray(ranks, np.int64)
    counts = np.bincount(np.minimum(found, max_rank + 1), minlength=max_rank + 2)
    return np.cumsum(counts[1 : max_rank + 1]) / found.size


def fpir(top_scores: ArrayLike, threshold: float) -> float:
    """False positive identification rate: share of non-mated searches with a candidate at or above T.

    Args:
        top_scores: best score of each non-mated search (the probe's subject is not enrolled).
        threshold: T.
    """
    return float(np.mean(np.asarray(top_scores) >= np.float64(threshold)))


def fnir(mate_scores: ArrayLike, ranks: ArrayLike, rank: int, threshold: float) -> float:
    """False negative identification rate: share of mated searches without the mate in the list.

    Args:
        mate_scores: score with the mate in each search, −inf where it could not be compared.
        ranks: the mate's rank in each search, from `mate_ranks`.
        rank: R, the length of the candidate list.
        threshold: T, the lowest score that is listed.
    """
    scores = np.asarray(mate_scores)
    listed = (scores >= np.float64(threshold)) & np.isfinite(scores) & (np.asarray(ranks) <= rank)
    return 1.0 - float(np.mean(listed))


def fnir_at_fpir(top_scores: ArrayLike, mate_scores: ArrayLike, ranks: ArrayLike, rank: int, target: float) -> float:
    """FNIR at rank R and at the lowest threshold T whose FPIR is at most the target; arguments as for `fnir`."""
    return fnir(mate_scores, ranks, rank, threshold_at_fmr(top_scores, target))
