"""Scores of named subjects, from the rows that an index holds of them anyway."""

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
    """The full scores of all rows of the entries that are comparable with one probe, and the segments that they are in.

    Only a `ScreeningComparator` can compare some rows of a stack; for any other one they are stacked anew, as are the
    rows of an entry that is just being replaced.

    Args:
        probe: the stack of it alone.
        position: of the probe.
        entries: different ones.
        content: that the entries are of.
        comparator: of the stacks.
        is_wanted: asked between pieces of work.

    Raises:
        DeadlineExpired: it is not wanted any more.
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
