"""Ranks subjects by the scores of their references, in arrays, without a Python loop over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.template import Position
from gallery.index.columns.parts import Ordinals
from gallery.index.columns.segment import Segment
from gallery.index.columns.subjects import Subjects
from gallery.index.search.select import Best
from gallery.references import POSITION_ORDER, POSITIONS


@dataclass(frozen=True, slots=True)
class IndexHit:
    """The best comparison of a probe with one subject's references.

    Args:
        subject_id: the subject.
        score: raw output of the comparator, higher is more alike.
        reference_position: position of the reference that scored best; of equal scores the first in
            the order of `Position`.
        comparison_count: number of the subject's references, of comparable positions and of all models that the
            sample is compared with, 1 or more.
    """

    subject_id: str
    score: float
    reference_position: Position
    comparison_count: int


@dataclass(frozen=True)
class Searched:
    """The segments of one pass. Their rows are numbered through all segments, in order.

    Args:
        segments: all their rows are comparable with the probes; of a subject they have all such rows or none.
        subjects: the columns of the same state.
        together: if the state has references of several models, the segments of all models that the sample is compared
            with, these among them; else None.
    """

    segments: Sequence[Segment[Any]]
    subjects: Subjects
    together: Sequence[Segment[Any]] | None = None

    @cached_property
    def firsts(self) -> NDArray[np.int64]:
        """Number of each segment's first row, and at the end the number of all rows."""
        return np.cumsum([0, *(segment.size for segment in self.segments)])

    @cached_property
    def widest(self) -> int:
        """Largest number of references of a subject: `widest · limit` rows belong to at least `limit` subjects."""
        return max(segment.widest for segment in self.segments)

    def holding(self, rows: NDArray[np.int64]) -> list[tuple[Segment[Any], NDArray[np.int64]]]:
        """Split row numbers, ascending, by segment: each segment with the numbers within it."""
        ends = np.searchsorted(rows, self.firsts)
        used = np.flatnonzero(np.diff(ends)).tolist()
        return [(self.segments[k], rows[ends[k] : ends[k + 1]] - self.firsts[k]) for k in used]

    def comparison_counts(self, ordinals: Ordinals, position: Position) -> NDArray[np.int64]:
        """How many references of each of these entries a probe of this position is compared with, of all models."""
        counts = self.subjects.reference_counts(ordinals)
        is_every_one = position is Position.UNKNOWN and self.together is None
        if is_every_one or not (counts > 1).any():
            return counts
        order = np.argsort(ordinals)
        found = np.zeros(ordinals.size, np.int64)
        for segment in self.segments if self.together is None else self.together:
            found[order] += segment.row_counts(ordinals[order])
        return found


def rank(found: Best, position: Position, searched: Searched, limit: int) -> list[IndexHit]:
    """The best `limit` subjects, in order of falling score, then of subject id.

    1. Keep the best `widest · limit` rows and their ties: they belong to at least `limit` subjects.
    2. Keep the best row of each subject.
    3. Sort, and keep the first `limit`.

    Args:
        found: the rows to rank, with their scores.
        position: position of the probe, for the number of its comparisons.
        searched: the segments of the rows.
        limit: most subjects returned.
    """
    if limit < 1:
        return []
    kept = best_rows(found.scores, searched.widest * limit)
    rows, scores = found.rows[kept], found.scores[kept]
    parts = searched.holding(rows)
    ordinals = np.concatenate([np.empty(0, np.int64), *(segment.ordinals[own] for segment, own in parts)])
    positions = np.repeat(
        np.array([POSITION_ORDER[segment.position] for segment, _ in parts], np.int8), [own.size for _, own in parts]
    )
    best = best_of_each(scores, ordinals, positions, limit)
    ids = searched.subjects.ids(ordinals[best])
    counts = searched.comparison_counts(ordinals[best], position).tolist()
    best_positions = [POSITIONS[each] for each in positions[best].tolist()]
    hits = map(IndexHit, ids, scores[best].tolist(), best_positions, counts)
    return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.subject_id))


def best_rows(scores: Scores, wanted: int) -> NDArray[np.int64]:
    """Indices of the `wanted` best scores and of all that equal the last of them, ascending.

    Args:
        scores: float32, shape (rows,).
        wanted: at least 1.
    """
    if scores.size <= wanted:
        return np.arange(scores.size)
    return np.flatnonzero(scores >= np.partition(scores, scores.size - wanted)[scores.size - wanted])


def best_of_each(
    scores: Scores, ordinals: NDArray[np.int64], positions: NDArray[np.int8], limit: int
) -> NDArray[np.int64]:
    """Index of the best row of each of the best `limit` subjects, and of all subjects that tie with the last of them.

    Args:
        scores: float32, shape (rows,).
        ordinals: int64, shape (rows,): the entry of each row, one per subject.
        positions: int8, shape (rows,): of equal scores of a subject the lowest position is taken.
        limit: subjects wanted, at least 1.
    """
    order = np.lexsort((positions, -scores, ordinals))
    first = np.ones(order.size, np.bool_)
    first[1:] = np.diff(ordinals[order]) != 0
    best = order[first]
    return best[best_rows(scores[best], limit)] if best.size else best
