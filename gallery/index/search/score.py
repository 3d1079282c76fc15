"""Scores of named subjects, from the stacks that an index already holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from biometrics.comparison import Comparator, Scores, ScreeningComparator, Stack
from biometrics.template import Position
from gallery.index.columns.parts import Ordinals
from gallery.index.columns.segment import Segment
from gallery.index.search.rank import Searched
from gallery.index.search.select import Best, Rows
from gallery.index.state import IndexState
from gallery.patience import IsWanted, pieces

Part = tuple[Segment[Any], Rows, Scores]


def scored(
    probe: Stack,
    position: Position,
    ordinals: Ordinals,
    state: IndexState[Stack],
    comparator: Comparator[Stack],
    is_wanted: IsWanted,
    model: int = 0,
) -> tuple[Best, Searched]:
    """Full scores of all rows of the entries that are comparable with one probe, and the segments of these rows.

    Only a `ScreeningComparator` can compare some rows of a stack; for other comparators the rows are gathered first.

    Args:
        probe: stack of the probe alone.
        position: position of the probe.
        ordinals: entries of the state, of different subjects, ascending.
        state: the state of the index that holds the entries.
        comparator: compares the stacks.
        is_wanted: checked between pieces of work.
        model: number of the comparator's model in the index.

    Raises:
        DeadlineExpired: the result is not wanted any more.
    """
    held = state.rows_of(ordinals, position, model)
    parts = [part for segment, own in held for part in _parts(probe, segment, own, comparator, is_wanted)]
    searched = Searched([segment for segment, _, _ in parts], state.subjects)
    firsts = searched.firsts.tolist()
    rows = [own + first for (_, own, _), first in zip(parts, firsts, strict=False)]
    return Best(_joined(rows, np.int64), _joined([scores for _, _, scores in parts], np.float32)), searched


def _parts(
    probe: Stack, segment: Segment[Stack], own: Rows, comparator: Comparator[Stack], is_wanted: IsWanted
) -> Iterator[Part]:
    """Segments, numbers of rows in them, and their scores."""
    if isinstance(comparator, ScreeningComparator):
        numbers = np.zeros(own.size, np.int64)
        scores = [
            comparator.compare_pairs(probe, segment.stack, numbers[piece], own[piece])
            for piece in pieces(own.size, is_wanted)
        ]
        yield segment, own, np.concatenate(scores)
        return
    for piece in pieces(own.size, is_wanted):
        rows = own[piece]
        gathered = replace(
            segment, stack=comparator.gather([(segment.stack, rows)]), ordinals=segment.ordinals[rows], alive=None
        )
        yield gathered, np.arange(gathered.size), comparator.compare(probe, gathered.stack)[0]


def _joined(parts: Sequence[Any], kind: type[np.generic]) -> Any:
    return np.concatenate([np.empty(0, kind), *parts])
