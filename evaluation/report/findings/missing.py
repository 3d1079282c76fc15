"""Error rates and Cllr by pattern of missing comparators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.cllr import cllr
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.report.findings.outcome import Column32, Outcome
from evaluation.report.findings.rates import Rate, rates_at

MOST = 64
"""Most patterns that are measured separately; rarer ones are pooled."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rows in which the same comparators gave a score.

    Args:
        present: names of the comparators; empty where nothing was compared; None for the pooled rare patterns.
        mated: number of mated rows.
        non_mated: number of non-mated rows.
        fnmr: FNMR at the fused threshold of each target; None without a threshold or without mated rows.
        fmr: FMR of the non-mated rows, likewise; None also where nothing was compared.
        cllr: Cllr of the fused LLR, in bits; None without mated or without non-mated rows.
    """

    present: tuple[str, ...] | None
    mated: int
    non_mated: int
    fnmr: tuple[Rate | None, ...]
    fmr: tuple[Rate | None, ...]
    cllr: float | None


def measure(outcome: Outcome, llr: Column32, thresholds: Sequence[float | None]) -> list[Pattern]:
    """Every pattern that occurs, the most frequent first.

    Args:
        outcome: of n rows.
        llr: shape (n,): fused log10 LR, NaN where nothing was compared.
        thresholds: of the fused LLR, one per target; None where there are too few rows for the target.
    """
    codes = np.zeros(outcome.mated.size, np.int64)
    for place in range(len(outcome.comparators)):
        codes |= (~np.isnan(outcome.scores[:, place])).astype(np.int64) << place
    found, counts = np.unique(codes, return_counts=True)
    order = found[np.argsort(-counts, kind="stable")]
    patterns = [
        _pattern(outcome, llr, codes == code, _names(outcome.comparators, int(code)), thresholds)
        for code in order[:MOST]
    ]
    rare = order[MOST:]
    return [*patterns, _pattern(outcome, llr, np.isin(codes, rare), None, thresholds)] if rare.size else patterns


def _names(comparators: tuple[str, ...], code: int) -> tuple[str, ...]:
    return tuple(name for place, name in enumerate(comparators) if code >> place & 1)


def _pattern(
    outcome: Outcome,
    llr: Column32,
    rows: NDArray[np.bool_],
    present: tuple[str, ...] | None,
    thresholds: Sequence[float | None],
) -> Pattern:
    mated, made = np.flatnonzero(rows & outcome.mated), np.flatnonzero(rows & ~outcome.mated & ~np.isnan(llr))
    scored = llr[mated]
    missed = np.where(np.isnan(scored), np.float32(-np.inf), scored)
    both = made.size and not np.isnan(scored).all()
    return Pattern(
        present,
        mated.size,
        int(np.count_nonzero(rows)) - mated.size,
        rates_at(Comparisons(missed, outcome.first[mated], outcome.second[mated]), thresholds, matched=False),
        rates_at(Comparisons(llr[made], outcome.first[made], outcome.second[made]), thresholds, matched=True),
        cllr(scored[~np.isnan(scored)], llr[made]) if both else None,
    )
