"""The outcome of fusing a table of scores, and its columns: each comparator, then all of them fused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.metrics.shared_subjects import Comparisons

FUSED = "fused"

Column32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of fusing a table of scores: one row per comparison.

    Args:
        comparators: names of the d comparators.
        scores: float32, shape (n, d), raw scores, higher is more alike, NaN where missing.
        single_llr: float32, shape (n, d): each comparator's calibrated log10 LR alone, NaN where missing.
        llr: float32, shape (n,): fused log10 LR; exactly 0 where nothing was compared.
        mated: bool, shape (n,).
        probe: int32, shape (n,): number of the probe image.
        reference: int32, shape (n,): number of the reference image.
        first: int32, shape (n,): number of the probe's subject (person), 0 or more.
        second: int32, shape (n,): number of the reference's subject.
        quality: float32, shape (n, d), 0–100, NaN where unknown; None where the table has no quality.
        group: int32, shape (n,): index into `group_names`, −1 for a row of no group; None where there are no groups.
        group_names: names of the groups.

    Raises:
        ValueError: the shapes do not agree, or no mated or no non-mated row was compared.
    """

    comparators: tuple[str, ...]
    scores: NDArray[np.float32]
    single_llr: NDArray[np.float32]
    llr: Column32
    mated: NDArray[np.bool_]
    probe: NDArray[np.int32]
    reference: NDArray[np.int32]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    quality: NDArray[np.float32] | None = None
    group: NDArray[np.int32] | None = None
    group_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        table = (len(self.llr), len(self.comparators))
        tables = (
            [self.scores, self.single_llr] if self.quality is None else [self.scores, self.single_llr, self.quality]
        )
        rows = [self.mated, self.probe, self.reference, self.first, self.second]
        rows += [] if self.group is None else [self.group]
        if any(each.shape != table for each in tables) or any(each.shape != table[:1] for each in rows):
            raise ValueError(f"every table must have {table[0]} rows and {table[1]} comparators")
        compared = self.compared()
        if not (compared & self.mated).any() or not (compared & ~self.mated).any():
            raise ValueError("at least one mated and one non-mated comparison are needed")

    def compared(self) -> NDArray[np.bool_]:
        """Rows in which at least one comparator gave a score, shape (n,)."""
        return np.asarray(~np.isnan(self.scores).all(axis=1))


@dataclass(frozen=True, slots=True)
class Column:
    """One comparator, or all fused.

    Args:
        name: of the comparator, or `FUSED`.
        scores: float32, shape (n,): raw scores, LLRs when fused; NaN where nothing was compared.
        llr: float32, shape (n,): calibrated log10 LR, NaN where nothing was compared.
    """

    name: str
    scores: Column32
    llr: Column32


def columns(outcome: Outcome) -> list[Column]:
    """Each comparator, then all fused."""
    single = [
        Column(name, outcome.scores[:, place], outcome.single_llr[:, place])
        for place, name in enumerate(outcome.comparators)
    ]
    fused = np.where(outcome.compared(), outcome.llr, np.float32(np.nan))
    return [*single, Column(FUSED, fused, fused)]


def sides(outcome: Outcome, values: Column32) -> tuple[Comparisons, Comparisons]:
    """Mated comparisons, −inf where not made, and the non-mated comparisons that were made.

    Args:
        outcome: of n rows.
        values: shape (n,), NaN where not compared.
    """
    made = ~np.isnan(values)
    mated, non_mated = outcome.mated, ~outcome.mated & made
    filled = np.where(made[mated], values[mated], np.float32(-np.inf))
    return (
        Comparisons(filled, outcome.first[mated], outcome.second[mated]),
        Comparisons(values[non_mated], outcome.first[non_mated], outcome.second[non_mated]),
    )
