"""A search in two rounds, by which several indexes choose together which rows are compared in full.

A comparator with a screened share is compared in full with the best of *all* rows (compare.py). If the rows are spread
over several indexes, the best of each are not the best of all. So each index first returns its best screening scores;
from them the floor is found, the lowest score that is among the best of all; then each index compares in full those of
its rows that reach the floor. The result equals that of one index that holds all rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, inf, isqrt
from typing import Generic, cast

import numpy as np

from biometrics.comparison import Scores, ScreeningComparator, Stack
from gallery.index.search.compare import Comparing, Probes
from gallery.index.search.rank import Searched
from gallery.index.search.select import Best
from gallery.patience import IsWanted, always

EVERY_ROW = 2**62
"""Number of rows wanted, if all are."""


@dataclass(frozen=True)
class Round(Generic[Stack]):
    """First round of one search in one index.

    Args:
        probe: stack of the probe alone.
        searched: the segments.
        kept: the rows with the best screening scores, all that tie with the last of them, and all that may be as good
            within the screening error.
        row_count: number of rows searched.
        error: largest difference between screening scores and full ones, as `ScreeningComparator.screening_error`.
    """

    probe: Stack = field(repr=False)
    searched: Searched = field(repr=False)
    kept: Best = field(repr=False)
    row_count: int
    error: float

    @property
    def is_all(self) -> bool:
        """Whether all rows were kept."""
        return self.kept.rows.size >= self.row_count

    @property
    def widest(self) -> int:
        """Largest number of references of a subject."""
        return self.searched.widest if self.searched.segments else 0

    @property
    def scores(self) -> Scores:
        """The screening scores kept, falling. No row that was not kept reaches the last of them."""
        return np.sort(self.kept.scores)[::-1]

    def reaches(self, floor: float) -> bool:
        """Whether all rows whose screening scores reach this floor were kept."""
        return self.is_all or bool(self.kept.scores.min() <= np.float32(floor))


def fair_rows(row_count: int, share: float, exhaustive_rows: int, least_rows: int) -> int:
    """How many scores an index returns, of which it does not know how many rows others hold.

    It is the number that it would compare in full if it were alone, and four standard deviations more: if subjects are
    spread at random, another call for more scores is then needed in less than 1 of 10,000 searches.
    """
    alone = wanted_of(row_count, share, exhaustive_rows, least_rows)
    return alone + 4 * isqrt(alone) + 16


def screened(
    comparing: Comparing[Stack],
    probe: Stack,
    searched: Searched,
    limit: int,
    wanted_rows: int = 0,
    is_wanted: IsWanted = always,
) -> Round[Stack]:
    """First round.

    Args:
        comparing: compares by a comparator with a screened share.
        probe: stack of the probe alone.
        searched: the segments.
        limit: most subjects returned by the search.
        wanted_rows: number of best scores wanted; 0: `fair_rows`.
        is_wanted: checked between pieces of work.

    Raises:
        DeadlineExpired: the result is not wanted any more.
    """
    if not searched.segments:
        return Round(probe, searched, Best(np.empty(0, np.int64), np.empty(0, np.float32)), 0, 0.0)
    comparator = cast("ScreeningComparator[Stack]", comparing.comparator)
    row_count = sum(segment.alive_count for segment in searched.segments)
    least = max(1, searched.widest * limit)
    wanted = wanted_rows or fair_rows(row_count, comparator.screened_share, comparing.exhaustive_rows, least)
    error = max(comparator.screening_error(probe, segment.stack) for segment in searched.segments)
    (kept,) = comparing.screened(Probes(probe, [wanted]), searched, error, is_wanted)
    return Round(probe, searched, kept, row_count, error)


def compared(comparing: Comparing[Stack], known: Round[Stack], floor: float, is_wanted: IsWanted = always) -> Best:
    """Second round: the rows kept whose screening scores reach the floor, with their full scores.

    Args:
        comparing: as in `screened`.
        known: the first round; it must reach the floor.
        floor: a screening score; −inf: all rows.
        is_wanted: checked between pieces of work.

    Raises:
        DeadlineExpired: the result is not wanted any more.
    """
    rows = known.kept.rows[known.kept.scores >= np.float32(floor)]
    if not rows.size:
        return Best(rows[:0], np.empty(0, np.float32))
    (best,) = comparing.in_full(known.probe, [rows], known.searched, is_wanted)
    return best


def cut_of(scores: Scores, wanted: int) -> float:
    """The last of the best `wanted` of these scores; −inf if there are fewer."""
    if scores.size < wanted:
        return -inf
    return float(np.partition(scores, scores.size - wanted)[scores.size - wanted])


def floor_of(cut: float, error: float) -> float:
    """The screening score from which rows are compared in full: all that may be as good as the cut."""
    return float(np.float32(cut) - np.float32(2 * error))


def wanted_of(row_count: int, share: float, exhaustive_rows: int, least_rows: int) -> int:
    """Number of rows that are compared in full at least; all, up to `exhaustive_rows`.

    Args:
        row_count: number of rows of all indexes.
        share: the comparator's `screened_share`, above 0.
        exhaustive_rows: as in `Comparing`.
        least_rows: most references of a subject, times the most subjects returned.
    """
    return max(exhaustive_rows, ceil(share * row_count), least_rows)
