"""Which rows of an index a probe is compared with, and the dealing of that work to threads.

A comparator that cannot screen compares a probe with every row. One that can (`ScreeningComparator`)
compares with every row of a small gallery, and of a large one with the rows that screen best:

1. Screen the probe against every row.
2. Keep the best rows and all that tie with the last of them: `screened_share` of those alive, at least
   `EXHAUSTIVE_ROWS`, and at least as many as the search wants.
3. Compare the probe with these.

Every score depends on its two templates only, and ties are kept together, so the outcome does not
depend on how rows are laid out in segments, on the number of threads, or on which probes share a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, pairwise, starmap
from math import ceil
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator, Scores, ScreeningComparator, Stack
from gallery.ranking import best_rows, starts
from gallery.segment import Segment

EXHAUSTIVE_ROWS = 1000
"""Up to so many rows nothing is screened; of more, at least so many are compared."""

RUNS_PER_THREAD = 16
"""Few enough that dealing costs nothing, so many that no thread is idle for long at the end."""
LEAST_ROWS = 16
"""Of fewer rows per segment, threads would wait for the interpreter lock more than compare."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Probe(Generic[Stack]):
    """What is compared, and with how many rows at least.

    Args:
        stack: of one template.
        least_rows: 1 or more.
    """

    stack: Stack = field(repr=False)
    least_rows: int


class Comparing(Generic[Stack]):
    """Compares probes with rows, on threads of its own.

    Args:
        comparator: of the stacks; its calls release the interpreter lock for most of their time.
        threads: so many work at once.
    """

    def __init__(self, comparator: Comparator[Stack], threads: int) -> None:
        self._comparator = comparator
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="compare")

    def scores(self, probes: Sequence[Probe[Stack]], segments: Sequence[Segment[Stack]]) -> list[Scores]:
        """Per probe float32, shape (rows of all segments,): −∞ for rows that are dead or not compared.

        Args:
            probes: share every pass over a segment.
            segments: at least one.
        """
        alive = sum(segment.alive_count for segment in segments)
        comparator = self._comparator
        if not isinstance(comparator, ScreeningComparator) or alive <= EXHAUSTIVE_ROWS:
            return self._all(comparator.compare, probes, segments)
        share = max(EXHAUSTIVE_ROWS, ceil(comparator.screened_share * alive))
        screened = self._all(comparator.screen, probes, segments)
        kept = [best_rows(each, max(share, probe.least_rows)) for each, probe in zip(screened, probes, strict=True)]
        return self._some(comparator, probes, segments, kept)

    def _all(
        self,
        table: Callable[[Stack, Stack], Scores],
        probes: Sequence[Probe[Stack]],
        segments: Sequence[Segment[Stack]],
    ) -> list[Scores]:
        """A table's scores of every row that is alive."""

        def score(segment: Segment[Stack]) -> list[Scores]:
            tables = [table(probe.stack, segment.stack)[0] for probe in probes]
            return [np.where(segment.alive, each, np.float32(-np.inf)) for each in tables]

        return self._joined(score, self._threads, segments)

    def _some(
        self,
        comparator: ScreeningComparator[Stack],
        probes: Sequence[Probe[Stack]],
        segments: Sequence[Segment[Stack]],
        kept: Sequence[Rows],
    ) -> list[Scores]:
        """The full scores of each probe's kept rows, numbered through all segments, ascending."""

        def score(segment: Segment[Stack], start: int) -> list[Scores]:
            scores = [np.full(len(segment.rows), -np.inf, np.float32) for _ in probes]
            for probe, rows, out in zip(probes, kept, scores, strict=True):
                first, last = np.searchsorted(rows, (start, start + len(segment.rows)))
                own = rows[first:last] - start
                out[own] = comparator.compare_rows(probe.stack, segment.stack, own)[0]
            return scores

        threads = self._threads if sum(map(len, kept)) >= LEAST_ROWS * len(segments) else 1
        return self._joined(score, threads, segments, starts(segments)[:-1].tolist())

    def _joined(self, score: Callable[..., list[Scores]], threads: int, *columns: Sequence[Any]) -> list[Scores]:
        """Deal segments to threads, a run of neighbours at a time; for one run or thread, work in this one."""

        def scores(run: slice) -> list[list[Scores]]:
            return list(starmap(score, zip(*(column[run] for column in columns), strict=True)))

        runs = _runs(len(columns[0]), RUNS_PER_THREAD * threads)
        deal: Callable[..., Iterable[list[list[Scores]]]] = map if min(threads, len(runs)) == 1 else self._pool.map
        return [np.concatenate(parts) for parts in zip(*chain.from_iterable(deal(scores, runs)), strict=True)]


def _runs(count: int, most: int) -> list[slice]:
    """`count` numbers in at most so many runs of even length."""
    ends = np.linspace(0, count, min(count, most) + 1).astype(int).tolist()
    return [slice(*pair) for pair in pairwise(ends)]
