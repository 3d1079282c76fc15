"""What each pattern of missing comparators costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.information import cllr
from evaluation.fusion_report.outcome import Outcome
from evaluation.fusion_report.rates import Rate, rate_of


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rows in which the same comparators gave a score.

    Args:
        present: names of the comparators; empty where nothing was compared.
        mated: rows.
        non_mated: rows.
        fnmr: at the fused threshold of each target; None without a threshold or without mated rows.
        fmr: the same of the non-mated rows; None also where nothing was compared.
        cllr: of the fused LLR, in bits; None without mated or without non-mated rows.
    """

    present: tuple[str, ...]
    mated: int
    non_mated: int
    fnmr: tuple[Rate | None, ...]
    fmr: tuple[Rate | None, ...]
    cllr: float | None


def measure(outcome: Outcome, thresholds: Sequence[float | None]) -> list[Pattern]:
    """Every pattern that occurs, the most frequent first.

    Args:
        outcome: of n rows.
        thresholds: of the fused LLR, one per target, None where the rows do not carry it.
    """
    codes = np.zeros(outcome.mated.size, np.int64)
    for place in range(len(outcome.comparators)):
        codes |= (~np.isnan(outcome.scores[:, place])).astype(np.int64) << place
    found, counts = np.unique(codes, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [_pattern(outcome, codes == code, int(code), thresholds) for code in found[order]]


def _pattern(outcome: Outcome, rows: NDArray[np.bool_], code: int, thresholds: Sequence[float | None]) -> Pattern:
    present = tuple(name for place, name in enumerate(outcome.comparators) if code >> place & 1)
    mated, non_mated = np.flatnonzero(rows & outcome.mated), np.flatnonzero(rows & ~outcome.mated)
    both = mated.size and non_mated.size
    return Pattern(
        present,
        mated.size,
        non_mated.size,
        tuple(_missed(outcome, mated, at, compared=bool(code)) for at in thresholds),
        tuple(_matched(outcome, non_mated, at) if code else None for at in thresholds),
        cllr(outcome.llr[mated], outcome.llr[non_mated]) if both else None,
    )


def _missed(outcome: Outcome, rows: NDArray[np.int64], threshold: float | None, *, compared: bool) -> Rate | None:
    if threshold is None:
        return None
    failed = outcome.llr[rows] < threshold if compared else np.ones(rows.size, np.bool_)
    return rate_of(failed, outcome.first[rows], outcome.second[rows])


def _matched(outcome: Outcome, rows: NDArray[np.int64], threshold: float | None) -> Rate | None:
    if threshold is None:
        return None
    return rate_of(outcome.llr[rows] >= threshold, outcome.first[rows], outcome.second[rows])
