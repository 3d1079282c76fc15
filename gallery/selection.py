"""The best rows of a pass over many segments, chosen while it runs: no score is kept that cannot be among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from infra.kernel import kernel

Rows = NDArray[np.int64]
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Best:
    """Some rows of an index, counted through all segments, and their scores.

    Args:
        rows: int64, shape (k,), ascending.
        scores: float32, shape (k,).
    """

    rows: Rows
    scores: Scores = field(repr=False)


class Selection:
    """The best rows of each of some probes, of the segments seen so far. Not safe for several threads.

    A row is kept while fewer than `wanted` rows of those seen score more than `slack` above it.

    Args:
        wanted: of each probe, 1 or more.
        slack: of each probe, 0 or more.
    """

    def __init__(self, wanted: Sequence[int], slack: Sequence[float]) -> None:
        self._wanted, self._slack = wanted, slack
        self._thresholds = np.full(len(wanted), -np.inf, np.float32)
        self._counts = np.zeros(len(wanted), np.int64)
        self._full = 2 * np.array(wanted, np.int64)
        self._most, self._least_full = 0, int(self._full.min())
        self._rows = np.empty((len(wanted), 0), np.int64)
        self._scores = np.empty((len(wanted), 0), np.float32)

    def add(self, scores: Scores, alive: NDArray[np.bool_], first: int) -> None:
        """Look at one segment.

        Args:
            scores: float32, shape (probes, rows), finite.
            alive: bool, shape (rows,): False for rows to be passed over.
            first: the number of its first row.
        """
        self._reserve(self._most + scores.shape[1])
        self._most = _take(scores, alive, first, self._thresholds, self._rows, self._scores, self._counts)
        if self._most > self._least_full:
            for probe in np.flatnonzero(self._counts > self._full).tolist():
                self._prune(probe)
            self._most, self._least_full = int(self._counts.max()), int(self._full.min())

    def best(self, probe: int) -> Best:
        """The rows kept of one probe, in the order in which they were seen."""
        self._prune(probe)
        count = self._counts[probe]
        return Best(self._rows[probe, :count].copy(), self._scores[probe, :count].copy())

    def _prune(self, probe: int) -> None:
        """Drop what is no longer among the best, and look for more only above that."""
        count, wanted = int(self._counts[probe]), self._wanted[probe]
        if count <= wanted:
            return
        scores = self._scores[probe, :count]
        last = np.partition(scores, count - wanted)[count - wanted]
        threshold = np.float32(last - np.float32(self._slack[probe]))
        kept = np.flatnonzero(scores >= threshold)
        self._scores[probe, : kept.size] = scores[kept]
        self._rows[probe, : kept.size] = self._rows[probe, kept]
        self._thresholds[probe], self._counts[probe] = threshold, kept.size
        self._full[probe] = 2 * max(kept.size, wanted)

    def _reserve(self, size: int) -> None:
        if size > self._rows.shape[1]:
            missing = ((0, 0), (0, size + size // 2 - self._rows.shape[1]))
            self._rows, self._scores = np.pad(self._rows, missing), np.pad(self._scores, missing)


def united(parts: Sequence[Selection], wanted: Sequence[int], slack: Sequence[float]) -> list[Best]:
    """Of each probe the best rows of what several selections have seen together."""
    return [
        _united([part.best(probe) for part in parts], *each)
        for probe, each in enumerate(zip(wanted, slack, strict=True))
    ]


def _united(parts: Sequence[Best], wanted: int, slack: float) -> Best:
    rows, scores = (np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "scores"))
    if rows.size > wanted:
        last = np.partition(scores, rows.size - wanted)[rows.size - wanted]
        kept = scores >= np.float32(last - np.float32(slack))
        rows, scores = rows[kept], scores[kept]
    order = np.argsort(rows)
    return Best(rows[order], scores[order])


@kernel
def _take(  # pragma: no cover  # compiled
    scores: Scores,
    alive: NDArray[np.bool_],
    first: int,
    thresholds: Scores,
    rows: Rows,
    kept: Scores,
    counts: Rows,
) -> int:
    """Append each probe's rows that reach its threshold; return the highest count."""
    most = 0
    for probe in range(scores.shape[0]):
        line, threshold, count = scores[probe], thresholds[probe], counts[probe]
        for start in range(0, len(line), _BLOCK):
            end = min(start + _BLOCK, len(line))
            if _reached(line, start, end, threshold):
                for row in range(start, end):
                    if line[row] >= threshold and alive[row]:
                        rows[probe, count], kept[probe, count] = first + row, line[row]
                        count += 1
        counts[probe] = count
        most = max(most, count)
    return most


@kernel
def _reached(line: Scores, start: int, end: int, threshold: np.float32) -> bool:  # pragma: no cover  # compiled
    """Whether one of these scores reaches the threshold: without a branch, so that eight are looked at at once."""
    reached = np.int32(0)
    for row in range(start, end):
        reached += np.int32(line[row] >= threshold)
    return bool(reached > 0)
