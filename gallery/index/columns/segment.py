"""Immutable segments of an index: references of one position and the same galleries, stacked once, compared often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator, Stack
from biometrics.template import Position
from gallery.index.columns.parts import Ordinals, rows_of, smallest, within, without_rows


@dataclass(frozen=True, slots=True)
class SegmentKey:
    """Key of references that are always searched together: of one position and model, of subjects in equal galleries.

    Args:
        position: of the references.
        galleries: code of the set of galleries (`IndexState.gallery_sets`).
        model: number of the comparator that stacked them, among those of the index.
    """

    position: Position
    galleries: int
    model: int = 0


@dataclass(frozen=True)
class Segment(Generic[Stack]):
    """Rows of one segment key with their comparator stack; ordinals ascend, so rows of one subject are adjacent.

    Args:
        position: of all rows.
        stack: the templates of the rows, unpacked; the only copy of them.
        ordinals: int32 or int64, shape (rows,): the entry of each row; at least one row.
        widest: largest number of references of an entry of this segment, under this segment key and others.
        alive: bool, shape (rows,): False for rows whose entry is replaced or erased; None if all rows are alive.
    """

    position: Position
    stack: Stack = field(repr=False)
    ordinals: NDArray[Any] = field(repr=False)
    widest: int
    alive: NDArray[np.bool_] | None = field(default=None, repr=False)

    @property
    def size(self) -> int:
        """Number of rows, alive or dead."""
        return len(self.ordinals)

    @cached_property
    def alive_count(self) -> int:
        """Number of rows that are alive."""
        return self.size if self.alive is None else int(self.alive.sum())

    @property
    def alive_rows(self) -> NDArray[np.int64]:
        """Numbers of the rows that are alive, ascending."""
        return np.arange(self.size) if self.alive is None else np.flatnonzero(self.alive)

    def rows_of(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Numbers of the rows of these entries, alive or dead, ascending; the ordinals are different and ascend."""
        return rows_of(self.ordinals, ordinals)

    def row_counts(self, ordinals: Ordinals) -> NDArray[np.int64]:
        """Number of rows of each of these entries; the ordinals ascend."""
        counts = np.zeros(ordinals.size, np.int64)
        place, wanted = within(self.ordinals, ordinals)
        counts[place] = np.searchsorted(self.ordinals, wanted, "right") - np.searchsorted(self.ordinals, wanted, "left")
        return counts

    def without(self, ordinals: Ordinals) -> Segment[Stack]:
        """The segment with the rows of these entries (ordinals ascending) marked dead; itself if it has none."""
        rows = self.rows_of(ordinals)
        return replace(self, alive=without_rows(self.alive, rows, self.size)) if rows.size else self


def joined(
    segments: Sequence[Segment[Stack]],
    comparator: Comparator[Stack],
    reference_counts: Callable[[Ordinals], NDArray[np.int64]],
) -> Segment[Stack]:
    """One segment of the rows alive of several, in order.

    Args:
        segments: of one key, in order; at least one row is alive.
        comparator: made their stacks.
        reference_counts: number of references of each of these entries.
    """
    rows = [segment.alive_rows for segment in segments]
    ordinals = np.concatenate([segment.ordinals[own] for segment, own in zip(segments, rows, strict=True)])
    return Segment(
        position=segments[0].position,
        stack=comparator.gather([(segment.stack, own) for segment, own in zip(segments, rows, strict=True)]),
        ordinals=smallest(ordinals),
        widest=int(reference_counts(np.unique(ordinals).astype(np.int64)).max()),
    )
