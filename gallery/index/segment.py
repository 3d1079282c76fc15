"""Immutable pieces of an index: some references of one key, stacked once and compared often."""

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
    """What an index keeps of one subject, as the store had it at one moment.

    Args:
        ordinal: counts up with every entry made; a subject that changes gets a new one.
        subject_id: whose references.
        galleries: the sets in which the subject is searched.
        references: those that the comparator accepts, in the store's order.
        skipped_count: references of this modality that it does not accept.
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
    """References that are always searched together: of one position, of subjects in the same galleries."""

    position: Position
    galleries: tuple[str, ...]


Row = tuple[Entry, Reference]


@dataclass(frozen=True)
class Segment(Generic[Stack]):
    """Rows of one key with their comparator stack; ordinals ascend, a subject's rows are neighbours.

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
        """Stack rows.

        Raises:
            TemplateMalformed, TemplateModelMismatch: a template that the comparator does not accept.
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
        """How many rows are alive."""
        return int(self.alive.sum())

    @cached_property
    def widest(self) -> int:
        """Most references that an entry of this segment has, in this key or another."""
        return max(len(entry.references) for entry, _ in self.rows)

    @property
    def alive_rows(self) -> list[Row]:
        """The rows that are alive, in order."""
        return [row for row, alive in zip(self.rows, self.alive, strict=True) if alive]

    def rows_of(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows, alive or dead and ascending, of these entries (different ordinals, ascending)."""
        first, end = np.searchsorted(self.ordinals, ordinals, "left"), np.searchsorted(self.ordinals, ordinals, "right")
        counts = end - first
        return np.repeat(end - np.cumsum(counts), counts) + np.arange(counts.sum())

    def holds(self, subject_ids: AbstractSet[str]) -> bool:
        """Whether it has a dead row of one of these subjects, of their last entry or of an earlier one."""
        dead = np.flatnonzero(~self.alive).tolist()
        return any(self.rows[row][0].subject_id in subject_ids for row in dead)

    def without(self, ordinals: NDArray[np.int64]) -> Segment[Stack]:
        """The segment with the rows of these entries (ascending ordinals) dead; itself if it has none of them."""
        low, high = np.searchsorted(ordinals, self.ordinals[[0, -1]] + [0, 1])
        hit = np.isin(self.ordinals, ordinals[low:high]) if low < high else np.zeros(1, np.bool_)
        return replace(self, alive=self.alive & ~hit) if hit.any() else self


def tidied(
    segments: Sequence[Segment[Stack]], new: Sequence[Row], comparator: Comparator[Stack], segment_size: int
) -> tuple[Segment[Stack], ...]:
    """The key's segments with new rows at its end, and stacked anew where that pays.

    A segment that is half dead is stacked anew. Two neighbours become one while they fit into
    `segment_size` and the left is at most twice the right: rows that arrive one by one are thus
    stacked O(log segment_size) times each, and a key of n rows has O(n / segment_size + log
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
