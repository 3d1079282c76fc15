"""A table of comparison scores of any comparators, one comparison per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from biometrics.calibration.curves import Floats
from biometrics.errors import FieldInvalid

S = TypeVar("S", bound=np.generic)

QUALITY = ".quality"
"""Ends the name of a column of qualities, behind that of the comparator."""


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Comparisons, one per row.

    Args:
        names: names of the images (or of what probe and reference stand for), by number.
        probe: int32, shape (n,), number of the probe.
        reference: int32, shape (n,), number of the reference.
        mated: bool, shape (n,).
        comparators: names of the d score columns.
        scores: float32 or float64, shape (n, d), NaN where missing.
        quality: 0–100, type and shape as of `scores`, NaN where not stated, or None without such a column.
        group: int32, shape (n,), index into `group_names`, or None without such a column.
        group_names: names of the groups, in order of first appearance.
    """

    names: Sequence[str]
    probe: NDArray[np.int32]
    reference: NDArray[np.int32]
    mated: NDArray[np.bool_]
    comparators: tuple[str, ...]
    scores: NDArray[np.float32]
    quality: NDArray[np.float32] | None = None
    group: NDArray[np.int32] | None = None
    group_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.mated.size)

    def rows(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> ScoreTable:
        """Some of the rows."""
        return replace(
            self,
            probe=self.probe[chosen],
            reference=self.reference[chosen],
            mated=self.mated[chosen],
            scores=self.scores[chosen],
            quality=None if self.quality is None else self.quality[chosen],
            group=None if self.group is None else self.group[chosen],
        )

    def with_comparators(self, comparators: tuple[str, ...]) -> ScoreTable:
        """The same rows with these columns in this order; a comparator that the table lacks is missing in every row."""
        places = [self.comparators.index(name) if name in self.comparators else None for name in comparators]
        quality = None if self.quality is None else _columns(self.quality, places)
        return replace(self, comparators=comparators, scores=_columns(self.scores, places), quality=quality)

    def column(self, name: str) -> Floats:
        """One comparator's scores, or its qualities by the name `<comparator>.quality`; shape (n,), NaN where missing.

        Raises:
            FieldInvalid: there is no such column.
        """
        comparator, table = name.removesuffix(QUALITY), self.quality if name.endswith(QUALITY) else self.scores
        if comparator not in self.comparators or table is None:
            raise FieldInvalid(name, f"there is no such column. There are: {', '.join(self.comparators)}.")
        return np.asarray(table[:, self.comparators.index(comparator)], np.float64)

    @classmethod
    def joined(cls, tables: Sequence[ScoreTable]) -> ScoreTable:
        """Concatenate tables that share their names and columns."""
        first = tables[0]
        return replace(
            first,
            probe=np.concatenate([each.probe for each in tables]),
            reference=np.concatenate([each.reference for each in tables]),
            mated=np.concatenate([each.mated for each in tables]),
            scores=np.concatenate([each.scores for each in tables]),
            quality=_joined([each.quality for each in tables]),
            group=_joined([each.group for each in tables]),
        )

    def subjects(self) -> NDArray[np.int32]:
        """The number of each name's subject, from 0, shape (names,): names that mated rows connect are one subject."""
        mated = self.mated
        count, ends = len(self.names), (self.probe[mated], self.reference[mated])
        return connected_components(coo_array((np.ones(ends[0].size), ends), (count, count)), directed=False)[1]  # type: ignore[no-any-return]  # scipy has no types


def _joined(parts: Sequence[NDArray[S] | None]) -> NDArray[S] | None:
    known = [each for each in parts if each is not None]
    return np.concatenate(known) if known else None


def _columns(table: NDArray[np.float32], places: Sequence[int | None]) -> NDArray[np.float32]:
    chosen = np.full((len(table), len(places)), np.nan, np.float32)
    for column, place in enumerate(places):
        if place is not None:
            chosen[:, column] = table[:, place]
    return chosen
