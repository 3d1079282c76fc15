"""Selects the best rows during a pass over many segments, without keeping scores that cannot be among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Found, Scores

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Best:
    """Some rows of an index, numbered through all segments, and their scores.

    Args:
        rows: int64, shape (k,), ascending.
        scores: float32, shape (k,).
    """

    rows: Rows
    scores: Scores = field(repr=False)


class Selection:
    """For each probe the best rows of the segments seen so far. Not thread-safe.

    A row is kept while fewer than `wanted` of the rows seen score more than `slack` above it. `thresholds`, float32,
    shape (probes,), are the scores below which no row is kept any more; they only rise. Example, 2 wanted, slack 0.5:
    scores 9, 8 and 7.6 are kept, 7.4 is not, and the threshold is 8 − 0.5 = 7.5.

    Args:
        wanted: for each probe the number of best rows, 1 or more.
        slack: for each probe how far below the last wanted row others are kept too, 0 or more.
    """

    def __init__(self, wanted: Sequence[int], slack: Sequence[float]) -> None:
        self._wanted, self._slack = wanted, slack
        self.thresholds = np.full(len(wanted), -np.inf, np.float32)
        self._kept = [Best(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in wanted]
        self._waiting: list[Found] = []
        self._waiting_count = 0

    def add(self, found: Found, alive: NDArray[np.bool_] | None, first: int) -> None:
        """Add scores of one segment; scores below `thresholds` may be left out by the caller.

        Args:
            found: rows of the segment and their scores, finite.
            alive: bool, shape (rows,): False for rows to skip; None if all rows are alive.
            first: number of the segment's first row.
        """
        if alive is not None:
            kept = alive[found.rows]
            found = Found(found.probes[kept], found.rows[kept], found.scores[kept])
        if found.rows.size:
            self._waiting.append(Found(found.probes, found.rows + first, found.scores))
            self._waiting_count += found.rows.size
            if self._waiting_count > sum(best.rows.size for best in self._kept) + sum(self._wanted):
                self._prune()

    def best(self) -> list[Best]:
        """The rows kept for each probe."""
        self._prune()
        return self._kept

    def _prune(self) -> None:
        """Drop rows that are no longer among the best, and raise the thresholds accordingly."""
        if not self._waiting:
            return
        probes, rows, scores = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        order = np.argsort(probes, kind="stable")
        ends = np.searchsorted(probes[order], np.arange(len(self._wanted) + 1))
        for probe, kept in enumerate(self._kept):
            new = order[ends[probe] : ends[probe + 1]]
            parts = kept, Best(rows[new], scores[new])
            self._kept[probe], self.thresholds[probe] = _best(parts, self._wanted[probe], self._slack[probe])
        self._waiting, self._waiting_count = [], 0


def united(parts: Sequence[Selection], wanted: Sequence[int], slack: Sequence[float]) -> list[Best]:
    """For each probe the best rows of several selections together, in ascending order of row."""
    by_probe = zip(zip(*(part.best() for part in parts), strict=True), wanted, slack, strict=True)
    return [_sorted(_best(*each)[0]) for each in by_probe]


def _best(parts: Sequence[Best], wanted: int, slack: float) -> tuple[Best, np.float32]:
    """The rows of several parts that are kept, and the score below which none is."""
    rows, scores = np.concatenate([part.rows for part in parts]), np.concatenate([part.scores for part in parts])
    if rows.size < wanted:
        return Best(rows, scores), np.float32(-np.inf)
    threshold = np.partition(scores, rows.size - wanted)[rows.size - wanted] - np.float32(slack)
    kept = scores >= threshold
    return Best(rows[kept], scores[kept]), threshold


def _sorted(best: Best) -> Best:
    order = np.argsort(best.rows)
    return Best(best.rows[order], best.scores[order])
