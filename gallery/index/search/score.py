"""Scores of named subjects, from the stacks that an index already holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from biometrics.comparison import Comparator, Scores, ScreeningComparator, Stack
from biometrics.template import Position
from gallery.index.content import IndexContent
from gallery.index.search.rank import Searched
from gallery.index.search.select import Best, Rows
from gallery.index.segment import Entry, Segment
from gallery.patience import IsWanted, pieces

Part = tuple[Segment[Any], Rows, Scores]


def scored(
    probe: Stack,
    position: Position,
    entries: Sequence[Entry],
    content: IndexContent[Stack],
    comparator: Comparator[Stack],
    is_wanted: IsWanted,
) -> tuple[Best, Searched]:
    """Full scores of all rows of the entries that are comparable with one probe, and the segments of these rows.

    Only a `ScreeningComparator` can compare some rows of a stack; for other comparators the rows are stacked again, as
    are the rows of an entry that is just being replaced.

    Args:
        probe: stack of the probe alone.
        position: position of the probe.
        entries: entries of different subjects.
        content: the index content that holds the entries.
        comparator: compares the stacks.
        is_wanted: checked between pieces of work.

    Raises:
        DeadlineExpired: the result is not wanted any more.
    """
    parts = list(_parts(probe, position, entries, content, comparator, is_wanted))
    searched = Searched([segment for segment, _, _ in parts])
    firsts = searched.firsts.tolist()
    rows = [own + first for (_, own, _), first in zip(parts, firsts, strict=False)]
    return Best(_joined(rows, np.int64), _joined([scores for _, _, scores in parts], np.float32)), searched


def _parts(
    probe: Stack,
    position: Position,
    entries: Sequence[Entry],
    content: IndexContent[Stack],
    comparator: Comparator[Stack],
    is_wanted: IsWanted,
) -> Iterator[Part]:
    held, loose = content.rows_of(entries, position)
    if isinstance(comparator, ScreeningComparator):
        for segment, own in held:
            numbers = np.zeros(own.size, np.int64)
            scores = [
                comparator.compare_pairs(probe, segment.stack, numbers[piece], own[piece])
                for piece in pieces(own.size, is_wanted)
            ]
            yield segment, own, np.concatenate(scores)
    else:
        loose = [*(segment.rows[row] for segment, own in held for row in own), *loose]
    for piece in pieces(len(loose), is_wanted):
        stacked = Segment.of(loose[piece], comparator)
        yield stacked, np.arange(len(stacked.rows)), comparator.compare(probe, stacked.stack)[0]


def _joined(parts: Sequence[Any], kind: type[np.generic]) -> Any:
    return np.concatenate([np.empty(0, kind), *parts])
