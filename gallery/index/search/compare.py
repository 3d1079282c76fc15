"""Which rows of an index a probe is compared with, and the dealing of that work to threads.

A comparator that cannot screen compares a probe with every row. One that can (`ScreeningComparator`)
compares with every row of a small gallery, and of a large one with the rows that screen best:

1. Screen the probe against every row.
2. Keep the best rows, as many as the search wants or more: `screened_share` of those alive and at least
   `exhaustive_rows`, unless that share is 0. Keep with them all that tie with the last of them, and all that
   may be as good as it, as far as screening errs.
3. Compare the probe with these.

Threads ask between pieces of work whether it is still wanted (gallery/patience.py).

Every score depends on its two templates only, and ties are kept together, so the outcome does not
depend on how rows are laid out in segments, on the number of threads, or on which probes share a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from typing import Generic

import numpy as np

from biometrics.comparison import Comparator, Found, Scores, ScreeningComparator, SelectiveComparator, Stack
from gallery.index.search.rank import Searched
from gallery.index.search.select import Best, Rows, Selection, united
from gallery.index.segment import Segment
from gallery.patience import IsWanted, always, check, pieces

EXHAUSTIVE_ROWS = 1000
"""Of a comparator of which nothing else is known, see `Comparing`."""

COMPARED_AT_ONCE = 1024
"""So few comparisons take less than 100 ms, whatever is compared; more are made in pieces."""

LEAST_ROWS = 16
"""Of fewer comparisons per segment, threads would wait for the interpreter lock more than compare."""

Look = Callable[[Stack, "Segment[Stack]", Scores], Iterator[Found]]
"""Probes, a segment and the probes' thresholds → the scores that reach them, as `SelectiveComparator.screen_above`."""


@dataclass(frozen=True, slots=True)
class Probes(Generic[Stack]):
    """What is compared in one pass, and with how many rows at least.

    Args:
        stack: of the probes.
        least_rows: of each probe, 1 or more.
    """

    stack: Stack = field(repr=False)
    least_rows: Sequence[int]


class Comparing(Generic[Stack]):
    """Compares probes with rows, on threads of its own.

    Args:
        comparator: of the stacks; its calls release the interpreter lock for most of their time.
        threads: so many work at once.
        exhaustive_rows: up to so many nothing is screened; of more, at least so many are compared where a share is.
    """

    def __init__(self, comparator: Comparator[Stack], threads: int, exhaustive_rows: int = EXHAUSTIVE_ROWS) -> None:
        self._comparator = comparator
        self._exhaustive_rows = exhaustive_rows
        self._screening = comparator if isinstance(comparator, ScreeningComparator) else None
        self._threads = threads
        self._pool = self._new_pool()

    def close(self) -> None:
        """End the threads when they have done what they are at; what is compared later has new ones."""
        pool, self._pool = self._pool, self._new_pool()
        pool.shutdown()

    def _new_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="compare")

    def best(self, probes: Probes[Stack], searched: Searched, is_wanted: IsWanted = always) -> list[Best]:
        """The rows that each probe was compared with, or the best `least_rows` of them and their ties.

        Args:
            probes: share every pass over a segment.
            searched: dead rows are passed over.
            is_wanted: asked by all threads.

        Raises:
            DeadlineExpired: it is not wanted any more.
        """
        comparator, alive = self._screening, sum(segment.alive_count for segment in searched.segments)
        if comparator is None or alive <= self._exhaustive_rows:
            exact = [0.0] * len(probes.least_rows)
            look = _looking(self._comparator.compare)
            if comparator and alive * len(exact) > COMPARED_AT_ONCE:
                look = _exact(comparator, is_wanted)
            return self._selected(look, probes, probes.least_rows, exact, searched, is_wanted)
        share = max(self._exhaustive_rows, ceil(comparator.screened_share * alive)) if comparator.screened_share else 1
        wanted = [max(share, least) for least in probes.least_rows]
        error = max(comparator.screening_error(probes.stack, segment.stack) for segment in searched.segments)
        screened = self._selected(_look_of(comparator), probes, wanted, [2 * error] * len(wanted), searched, is_wanted)
        return self._compared(comparator, probes.stack, [each.rows for each in screened], searched, is_wanted)

    def _selected(
        self,
        look: Look[Stack],
        probes: Probes[Stack],
        wanted: Sequence[int],
        slack: Sequence[float],
        searched: Searched,
        is_wanted: IsWanted,
    ) -> list[Best]:
        """The best rows by the scores that a look finds. Each thread takes one segment after the other."""
        todo = iter(list(zip(searched.segments, searched.firsts.tolist(), strict=False)))

        def select() -> Selection:
            selection = Selection(wanted, slack)
            for segment, first in todo:
                alive = None if segment.alive_count == len(segment.rows) else segment.alive
                check(is_wanted)
                for found in look(probes.stack, segment, selection.thresholds):
                    selection.add(found, alive, first)
                    check(is_wanted)
            return selection

        if min(self._threads, len(searched.segments)) == 1:
            return united([select()], wanted, slack)
        running = [self._pool.submit(select) for _ in range(self._threads)]
        return united([each.result() for each in running], wanted, slack)

    def _compared(
        self,
        comparator: ScreeningComparator[Stack],
        probes: Stack,
        kept: Sequence[Rows],
        searched: Searched,
        is_wanted: IsWanted,
    ) -> list[Best]:
        """The full scores of each probe's rows."""
        firsts, rows = searched.firsts, np.concatenate(kept)
        numbers = np.repeat(np.arange(len(kept)), [each.size for each in kept])
        holders = np.searchsorted(firsts, rows, side="right") - 1
        order = np.argsort(holders, kind="stable")
        ends = np.searchsorted(holders[order], np.arange(firsts.size))
        scores = np.empty(rows.size, np.float32)
        used = np.flatnonzero(np.diff(ends)).tolist()

        def compare(holder: int) -> None:
            held = order[ends[holder] : ends[holder + 1]]
            for piece in pieces(held.size, is_wanted):
                pairs, stack = held[piece], searched.segments[holder].stack
                own = rows[pairs] - firsts[holder]
                scores[pairs] = comparator.compare_pairs(probes, stack, numbers[pairs], own)

        deal = self._pool.map if self._threads > 1 and len(used) > 1 and rows.size >= LEAST_ROWS * len(used) else map
        for _ in deal(compare, used):
            pass
        return [Best(each, part) for each, part in zip(kept, _split(scores, kept), strict=True)]


def _look_of(comparator: ScreeningComparator[Stack]) -> Look[Stack]:
    if isinstance(comparator, SelectiveComparator):
        return lambda probes, segment, thresholds: comparator.screen_above(probes, segment.stack, thresholds)
    return _looking(comparator.screen)


def _looking(table: Callable[[Stack, Stack], Scores]) -> Look[Stack]:
    """A look at a table of all scores."""

    def look(probes: Stack, segment: Segment[Stack], thresholds: Scores) -> Iterator[Found]:
        scores = table(probes, segment.stack)
        places = np.flatnonzero(scores >= thresholds[:, None])
        yield Found(*np.divmod(places, scores.shape[1]), scores.ravel()[places])

    return look


def _exact(comparator: ScreeningComparator[Stack], is_wanted: IsWanted) -> Look[Stack]:
    """A look at all full scores, in pieces."""

    def look(probes: Stack, segment: Segment[Stack], thresholds: Scores) -> Iterator[Found]:
        for piece in pieces(thresholds.size * len(segment.rows), is_wanted):
            numbers, rows = np.divmod(np.arange(piece.start, piece.stop), len(segment.rows))
            scores = comparator.compare_pairs(probes, segment.stack, numbers, rows)
            high = np.flatnonzero(scores >= thresholds[numbers])
            yield Found(numbers[high], rows[high], scores[high])

    return look


def _split(scores: Scores, like: Sequence[Rows]) -> list[Scores]:
    return np.split(scores, np.cumsum([each.size for each in like])[:-1])
