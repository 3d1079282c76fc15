"""Scans of a segment: which of its rows reach the thresholds of the probes, by full or by screening scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from biometrics.comparison import Found, Scores, ScreeningComparator, SelectiveComparator, Stack
from gallery.index.columns.segment import Segment
from gallery.patience import IsWanted, pieces

Scan = Callable[[Stack, "Segment[Stack]", Scores], Iterator[Found]]
"""Probes, a segment and the probes' thresholds → the scores that reach them, as `SelectiveComparator.screen_above`."""


def screening_scan(comparator: ScreeningComparator[Stack]) -> Scan[Stack]:
    """A scan by screening scores."""
    if isinstance(comparator, SelectiveComparator):
        return lambda probes, segment, thresholds: comparator.screen_above(probes, segment.stack, thresholds)
    return table_scan(comparator.screen)


def table_scan(table: Callable[[Stack, Stack], Scores]) -> Scan[Stack]:
    """A scan of a table of all scores."""

    def scan(probes: Stack, segment: Segment[Stack], thresholds: Scores) -> Iterator[Found]:
        scores = table(probes, segment.stack)
        places = np.flatnonzero(scores >= thresholds[:, None])
        yield Found(*np.divmod(places, scores.shape[1]), scores.ravel()[places])

    return scan


def piecewise_scan(comparator: ScreeningComparator[Stack], is_wanted: IsWanted) -> Scan[Stack]:
    """A scan of all full scores, computed in pieces."""

    def scan(probes: Stack, segment: Segment[Stack], thresholds: Scores) -> Iterator[Found]:
        for piece in pieces(thresholds.size * segment.size, is_wanted):
            numbers, rows = np.divmod(np.arange(piece.start, piece.stop), segment.size)
            scores = comparator.compare_pairs(probes, segment.stack, numbers, rows)
            high = np.flatnonzero(scores >= thresholds[numbers])
            yield Found(numbers[high], rows[high], scores[high])

    return scan
