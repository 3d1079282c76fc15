"""Compares probes with the rows of an index, on several threads, screening large galleries first.

A plain comparator compares a probe with every row. A `ScreeningComparator` does so in a small gallery;
in a large one it compares only the rows that screen best:

1. Screen the probe against every row.
2. Keep the best rows: at least as many as the search wants, and, unless `screened_share` is 0, at least that
   share of the rows alive and at least `exhaustive_rows`. Keep also all rows that tie with the last of them, and
   all that may be as good as it within the screening error.
3. Compare the probe in full with these rows.

Example: 100,000 rows, `screened_share` 0.02, `exhaustive_rows` 1,000, 100 rows wanted: the best 2,000 are
compared in full.

Threads check between pieces of work whether a caller still waits (gallery/patience.py).

Every score depends on its two templates only, and ties are kept together, so the result does not depend on
how rows are spread over segments, on the number of threads, or on which probes share a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from typing import Generic

import numpy as np

from biometrics.comparison import Comparator, Scores, ScreeningComparator, Stack
from gallery.index.search.rank import Searched
from gallery.index.search.scans import Scan, piecewise_scan, screening_scan, table_scan
from gallery.index.search.select import Best, Rows, Selection, united
from gallery.patience import IsWanted, always, check, pieces

EXHAUSTIVE_ROWS = 1000
"""Default of `Comparing.exhaustive_rows`."""

COMPARED_AT_ONCE = 1024
"""Up to this many comparisons take less than 100 ms with any comparator; more are made in pieces."""

LEAST_ROWS = 16
"""With fewer comparisons per segment, threads would spend more time waiting for the interpreter lock than comparing."""


@dataclass(frozen=True, slots=True)
class Probes(Generic[Stack]):
    """The probes of one pass, and how many rows each one wants.

    Args:
        stack: the probes' templates, unpacked.
        least_rows: for each probe the number of best rows wanted, 1 or more.
    """

    stack: Stack = field(repr=False)
    least_rows: Sequence[int]


class Comparing(Generic[Stack]):
    """Compares probes with rows, on threads of its own.

    Args:
        comparator: compares the stacks; its calls release the interpreter lock for most of their time.
        threads: number of threads.
        exhaustive_rows: up to this many rows are compared without screening; of more, at least this many are compared
            in full if the comparator has a screened share.
    """

    def __init__(self, comparator: Comparator[Stack], threads: int, exhaustive_rows: int = EXHAUSTIVE_ROWS) -> None:
        self.comparator, self.exhaustive_rows = comparator, exhaustive_rows
        self._screening = comparator if isinstance(comparator, ScreeningComparator) else None
        self._threads = threads
        self._pool = self._new_pool()

    def close(self) -> None:
        """End the threads when they have finished their work; a later comparison starts new ones."""
        pool, self._pool = self._pool, self._new_pool()
        pool.shutdown()

    def _new_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="compare")

    def best(self, probes: Probes[Stack], searched: Searched, is_wanted: IsWanted = always) -> list[Best]:
        """For each probe the rows that it was compared with in full: at least the best `least_rows` and their ties.

        Args:
            probes: compared together in every pass over a segment.
            searched: the segments; dead rows are skipped.
            is_wanted: checked by all threads.

        Raises:
            DeadlineExpired: the result is not wanted any more.
        """
        comparator, alive = self._screening, sum(segment.alive_count for segment in searched.segments)
        if comparator is None or alive <= self.exhaustive_rows:
            exact = [0.0] * len(probes.least_rows)
            scan = table_scan(self.comparator.compare)
            if comparator and alive * len(exact) > COMPARED_AT_ONCE:
                scan = piecewise_scan(comparator, is_wanted)
            return self._selected(scan, probes, probes.least_rows, exact, searched, is_wanted)
        share = max(self.exhaustive_rows, ceil(comparator.screened_share * alive)) if comparator.screened_share else 1
        wanted = [max(share, least) for least in probes.least_rows]
        error = max(comparator.screening_error(probes.stack, segment.stack) for segment in searched.segments)
        screened = self.screened(Probes(probes.stack, wanted), searched, error, is_wanted)
        return self.in_full(probes.stack, [each.rows for each in screened], searched, is_wanted)

    def screened(
        self, probes: Probes[Stack], searched: Searched, error: float, is_wanted: IsWanted = always
    ) -> list[Best]:
        """For each probe the rows that screen best, with their screening scores, and all within the screening error.

        Raises:
            DeadlineExpired: the result is not wanted any more.
        """
        assert self._screening is not None
        slack = [2 * error] * len(probes.least_rows)
        return self._selected(screening_scan(self._screening), probes, probes.least_rows, slack, searched, is_wanted)

    def _selected(
        self,
        scan: Scan[Stack],
        probes: Probes[Stack],
        wanted: Sequence[int],
        slack: Sequence[float],
        searched: Searched,
        is_wanted: IsWanted,
    ) -> list[Best]:
        """The best rows by the scores of a scan. Each thread takes one segment after the other."""
        todo = iter(list(zip(searched.segments, searched.firsts.tolist(), strict=False)))

        def select() -> Selection:
            selection = Selection(wanted, slack)
            for segment, first in todo:
                check(is_wanted)
                for found in scan(probes.stack, segment, selection.thresholds):
                    selection.add(found, segment.alive, first)
                    check(is_wanted)
            return selection

        if min(self._threads, len(searched.segments)) == 1:
            return united([select()], wanted, slack)
        running = [self._pool.submit(select) for _ in range(self._threads)]
        return united([each.result() for each in running], wanted, slack)

    def in_full(
        self, probes: Stack, kept: Sequence[Rows], searched: Searched, is_wanted: IsWanted = always
    ) -> list[Best]:
        """The chosen rows of each probe, ascending, with their full scores.

        Raises:
            DeadlineExpired: the result is not wanted any more.
        """
        comparator = self._screening
        assert comparator is not None
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

        run = self._pool.map if self._threads > 1 and len(used) > 1 and rows.size >= LEAST_ROWS * len(used) else map
        for _ in run(compare, used):
            pass
        return [Best(each, part) for each, part in zip(kept, _split(scores, kept), strict=True)]


def _split(scores: Scores, like: Sequence[Rows]) -> list[Scores]:
    return np.split(scores, np.cumsum([each.size for each in like])[:-1])
