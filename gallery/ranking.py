"""From the scores of many references to the best subjects, without touching every row in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.template import Position
from gallery.segment import Entry, Segment
from gallery.subject import Reference


@dataclass(frozen=True, slots=True)
class IndexHit:
    """The best comparison of a probe with one subject's references.

    Args:
        subject_id: whose references.
        score: raw output of the comparator, higher is more alike.
        reference_position: position of the reference that scored best; of equal ones the first in
            the order of `Position`.
        comparison_count: how many of the subject's references the probe was compared with, 1 or more.
    """

    subject_id: str
    score: float
    reference_position: Position
    comparison_count: int


def rank(scores: Scores, position: Position, segments: Sequence[Segment[Any]], limit: int) -> list[IndexHit]:
    """The best `limit` subjects, in order of falling score, then of subject id.

    1. Keep the best rows and their ties, as many as `rows_wanted`: they belong to at least `limit` subjects.
    2. Of each subject keep the best row.
    3. Sort and cut.

    Args:
        scores: float32, shape (rows of all segments,), −∞ for rows that are no candidates.
        position: of the probe, for the count of its comparisons.
        segments: at least one, all rows comparable with the probe.
        limit: most subjects returned.
    """
    if limit < 1:
        return []
    rows = best_rows(scores, rows_wanted(segments, limit))
    parts = _by_segment(segments, rows)
    ordinals = np.concatenate([segment.ordinals[own] for segment, own in parts])
    positions = np.concatenate([segment.positions[own] for segment, own in parts])
    best = np.sort(rows[best_of_each(scores[rows], ordinals, positions, limit)])
    references = [segment.rows[row] for segment, own in _by_segment(segments, best) for row in own]
    found = zip(references, scores[best], strict=True)
    hits = [_hit(entry, reference, float(score), position) for (entry, reference), score in found]
    return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.subject_id))


def rows_wanted(segments: Sequence[Segment[Any]], limit: int) -> int:
    """So many rows, or all if there are fewer, belong to at least `limit` subjects, or to all."""
    return limit * max(segment.widest for segment in segments)


def starts(segments: Sequence[Segment[Any]]) -> NDArray[np.int64]:
    """The number of each segment's first row, counted through all segments, and at the end how many rows there are."""
    return np.cumsum([0, *(len(segment.rows) for segment in segments)])


def best_rows(scores: Scores, wanted: int) -> NDArray[np.int64]:
    """The `wanted` best rows and all that score equal to the last of them, ascending; never a row of −∞.

    Args:
        scores: float32, shape (rows,), at least one.
        wanted: at least 1.
    """
    candidates = np.flatnonzero(scores > -np.inf)
    if candidates.size <= wanted:
        return candidates
    compared = scores[candidates]
    last = np.partition(compared, compared.size - wanted)[compared.size - wanted]
    return np.asarray(candidates[compared >= last])


def best_of_each(
    scores: Scores, ordinals: NDArray[np.int64], positions: NDArray[np.int8], limit: int
) -> NDArray[np.int64]:
    """The best row of each of the best `limit` subjects and of all that score equal to the last of them.

    Args:
        scores: float32, shape (rows,).
        ordinals: int64, shape (rows,): the subject of each row.
        positions: int8, shape (rows,): of equal scores of a subject the lowest position is taken.
        limit: subjects wanted, at least 1.
    """
    order = np.lexsort((positions, -scores, ordinals))
    first = np.ones(order.size, np.bool_)
    first[1:] = np.diff(ordinals[order]) != 0
    best = order[first]
    return best[best_rows(scores[best], limit)] if best.size else best


def _by_segment(
    segments: Sequence[Segment[Any]], rows: NDArray[np.int64]
) -> list[tuple[Segment[Any], NDArray[np.int64]]]:
    """Rows, ascending and counted through all segments, as rows of the segments that they are in."""
    firsts = starts(segments)
    ends = np.searchsorted(rows, firsts)
    return [(segments[k], rows[ends[k] : ends[k + 1]] - firsts[k]) for k in np.flatnonzero(np.diff(ends)).tolist()]


def _hit(entry: Entry, reference: Reference, score: float, position: Position) -> IndexHit:
    return IndexHit(entry.subject_id, score, reference.position, len(entry.comparable(position)))
