"""Immutable segments of an index: references of one position and the same galleries, stacked once, compared often."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator, Stack
from biometrics.template import Position
from gallery.subject import Reference

POSITION_ORDER = {position: order for order, position in enumerate(Position)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject's data in an index, as the store had it at one moment.

    Args:
        ordinal: serial number of the entry; a subject that changes gets a new entry with a higher one.
        subject_id: the subject.
        galleries: the galleries that the subject is in.
        references: those that the comparator accepts, in the store's order.
        skipped_count: number of references of this modality that it does not accept.
    """

    ordinal: int
    subject_id: str
    galleries: tuple[str, ...]
    references: tuple[Reference, ...]
    skipped_count: int

    def comparable(self, position: Position) -> tuple[Reference, ...]:
        """The references that a probe of this position is compared with."""
        return tuple(reference for reference in self.references if reference.position.comparable(position))


@dataclass(frozen=True, slots=True)
class SegmentKey:
    """Key of references that are always searched together: of one position, of subjects in the same galleries."""

    position: Position
    galleries: tuple[str, ...]


Row = tuple[Entry, Reference]


@dataclass(frozen=True)
class Segment(Generic[Stack]):
    """Rows of one segment key with their comparator stack; ordinals ascend, so rows of one subject are adjacent.

    Args:
        rows: (entry, reference), one per row of the stack.
        stack: the templates of the rows, unpacked.
        ordinals: int64, shape (rows,): the entry of each row.
        positions: int8, shape (rows,): the position of each row, by `POSITION_ORDER`.
        alive: bool, shape (rows,): False for rows whose entry is replaced or erased.
    """

    rows: Sequence[Row]
    stack: Stack
    ordinals: NDArray[np.int64]
    positions: NDArray[np.int8]
    alive: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Sequence[Row], comparator: Comparator[Stack]) -> Segment[Stack]:
        """Make a segment of these rows.

        Raises:
            TemplateMalformed, TemplateModelMismatch: the comparator does not accept a template.
        """
        return cls(
            rows=rows,
            stack=comparator.stack([reference.template for _, reference in rows]),
            ordinals=np.array([entry.ordinal for entry, _ in rows], np.int64),
            positions=np.array([POSITION_ORDER[reference.position] for _, reference in rows], np.int8),
            alive=np.ones(len(rows), np.bool_),
        )

    @cached_property
    def alive_count(self) -> int:
        """Number of rows that are alive."""
        return int(self.alive.sum())

    @cached_property
    def widest(self) -> int:
        """Largest number of references of an entry of this segment, under this segment key and others."""
        return max(len(entry.references) for entry, _ in self.rows)

    @property
    def alive_rows(self) -> list[Row]:
        """The rows that are alive, in order."""
        return [row for row, alive in zip(self.rows, self.alive, strict=True) if alive]

    def rows_of(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of the rows of these entries, alive or dead, ascending; the ordinals are different and ascend."""
        first, end = np.searchsorted(self.ordinals, ordinals, "left"), np.searchsorted(self.ordinals, ordinals, "right")
        counts = end - first
        return np.repeat(end - np.cumsum(counts), counts) + np.arange(counts.sum())

    def holds(self, subject_ids: AbstractSet[str]) -> bool:
        """Whether it has a dead row of one of these subjects, from any of their entries."""
        dead = np.flatnonzero(~self.alive).tolist()
        return any(self.rows[row][0].subject_id in subject_ids for row in dead)

    def without(self, ordinals: NDArray[np.int64]) -> Segment[Stack]:
        """The segment with the rows of these entries (ordinals ascending) marked dead; itself if it has none."""
        low, high = np.searchsorted(ordinals, self.ordinals[[0, -1]] + [0, 1])
        hit = np.isin(self.ordinals, ordinals[low:high]) if low < high else np.zeros(1, np.bool_)
        return replace(self, alive=self.alive & ~hit) if hit.any() else self


def tidied(
    segments: Sequence[Segment[Stack]], new: Sequence[Row], comparator: Comparator[Stack], segment_size: int
) -> tuple[Segment[Stack], ...]:
    """Append new rows to the segments of one key, and rebuild segments where that pays.

    A segment of which more than half is dead is rebuilt. Two neighbours are merged while they fit into
    `segment_size` and the left has at most twice the rows of the right. Rows that arrive one by one are
    thus stacked O(log segment_size) times each, and a key with n rows has O(n / segment_size + log
    segment_size) segments.
    """
    plan: list[Segment[Stack] | list[Row]] = []
    parts: list[Segment[Stack] | list[Row]] = [*segments]
    parts += [list(new[start : start + segment_size]) for start in range(0, len(new), segment_size)]
    for part in parts:
        if not _size(part):
            continue
        plan.append(_compacted(part))
        while len(plan) > 1 and _size(plan[-1]) + _size(plan[-2]) <= min(segment_size, 3 * _size(plan[-1])):
            right, left = plan.pop(), plan.pop()
            plan.append([*_rows(left), *_rows(right)])
    return tuple(part if isinstance(part, Segment) else Segment.of(part, comparator) for part in plan)


def _compacted(part: Segment[Stack] | list[Row]) -> Segment[Stack] | list[Row]:
    half_dead = isinstance(part, Segment) and 2 * part.alive_count < len(part.rows)
    return _rows(part) if half_dead else part


def _size(part: Segment[Stack] | list[Row]) -> int:
    return part.alive_count if isinstance(part, Segment) else len(part)


def _rows(part: Segment[Stack] | list[Row]) -> list[Row]:
    return part.alive_rows if isinstance(part, Segment) else part
