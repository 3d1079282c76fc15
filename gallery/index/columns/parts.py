"""Immutable parts of a list of rows in order of their ordinals: which parts hold a row, and when parts are rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Ordinals = NDArray[np.int64]
"""Serial numbers of entries: each state of a subject has its own, and none is used twice."""


class Part(Protocol):
    """Rows in ascending order of their ordinals, some of them dead."""

    @property
    def ordinals(self) -> NDArray[Any]:
        """int32 or int64, shape (rows,), ascending: the entry of each row; at least one row."""

    @property
    def alive(self) -> NDArray[np.bool_] | None:
        """bool, shape (rows,): False for dead rows; None if all are alive."""

    @property
    def alive_count(self) -> int:
        """Number of rows that are alive."""

    def without(self, ordinals: Ordinals) -> Self:
        """The part with the rows of these entries (ascending, different) marked dead."""


AnyPart = TypeVar("AnyPart", bound=Part)


def smallest(ordinals: Ordinals) -> NDArray[Any]:
    """The same ordinals, ascending, as int32 if the last one fits, else as int64."""
    fits = not ordinals.size or ordinals[-1] <= np.iinfo(np.int32).max
    return ordinals.astype(np.int32 if fits else np.int64)


def rows_of(held: NDArray[Any], ordinals: Ordinals) -> NDArray[np.int64]:
    """Numbers of the rows of these entries, ascending.

    Args:
        held: shape (rows,), ascending: the ordinal of each row; at least one row.
        ordinals: int64, ascending and different.
    """
    _, wanted = within(held, ordinals)
    first, end = np.searchsorted(held, wanted, "left"), np.searchsorted(held, wanted, "right")
    counts = end - first
    return np.repeat(end - np.cumsum(counts), counts) + np.arange(counts.sum())


def within(held: NDArray[Any], ordinals: Ordinals) -> tuple[slice, NDArray[Any]]:
    """The ascending ordinals that are not before or after all those held, in their type, after their slice."""
    first, end = np.searchsorted(ordinals, [held[0], int(held[-1]) + 1]).tolist()
    return slice(first, end), ordinals[first:end].astype(held.dtype)


def holding(parts: Sequence[Part], ordinals: Ordinals) -> list[int]:
    """Numbers of the parts that may hold rows of these entries, ascending.

    Args:
        parts: in order of their ordinals; the rows of an entry may be in several that follow each other.
        ordinals: int64, any order.
    """
    if not parts or not ordinals.size:
        return []
    firsts = np.fromiter((part.ordinals[0] for part in parts), np.int64, len(parts))
    lasts = np.fromiter((part.ordinals[-1] for part in parts), np.int64, len(parts))
    low, high = np.searchsorted(lasts, ordinals, "left"), np.searchsorted(firsts, ordinals, "right")
    covers = np.bincount(low, minlength=len(parts) + 1) - np.bincount(high, minlength=len(parts) + 1)
    held: list[int] = np.flatnonzero(np.cumsum(covers)).tolist()
    return held


def marked(parts: Sequence[AnyPart], dead: Ordinals) -> list[AnyPart]:
    """The parts with the rows of these entries (ascending, different) marked dead."""
    changed = list(parts)
    for number in holding(parts, dead):
        changed[number] = changed[number].without(dead)
    return changed


def without_rows(alive: NDArray[np.bool_] | None, rows: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """A copy of the flags (None: all True) of `count` rows, False at these rows."""
    flags = np.ones(count, np.bool_) if alive is None else alive.copy()
    flags[rows] = False
    return flags


def tidied(parts: Sequence[AnyPart], most: int, joined: Callable[[Sequence[AnyPart]], AnyPart]) -> tuple[AnyPart, ...]:
    """Rebuild parts where that pays.

    A part of which more than half is dead is rebuilt. Two neighbours are merged while they fit into `most` and the left
    has at most twice the rows of the right. Rows that arrive one by one are thus copied O(log most) times each, and n
    rows are in O(n / most + log most) parts.

    Args:
        parts: in order.
        most: most rows of a merged part.
        joined: makes one part of the rows alive of several, in order.
    """
    plan: list[tuple[int, list[AnyPart]]] = []
    for part in parts:
        if not part.alive_count:
            continue
        plan.append((part.alive_count, [part]))
        while len(plan) > 1 and plan[-1][0] + plan[-2][0] <= min(most, 3 * plan[-1][0]):
            (right_size, right), (left_size, left) = plan.pop(), plan.pop()
            plan.append((left_size + right_size, left + right))
    return tuple(
        group[0] if len(group) == 1 and 2 * size >= len(group[0].ordinals) else joined(group) for size, group in plan
    )


def purgeable(parts: Sequence[Part], erased: Ordinals | None) -> list[int]:
    """Numbers of the parts with dead rows of erased entries, ascending.

    Args:
        parts: in order.
        erased: ascending and different, all dead; None: parts with any dead rows.
    """
    numbers = range(len(parts)) if erased is None else holding(parts, erased)
    return [
        number
        for number in numbers
        if parts[number].alive is not None and (erased is None or rows_of(parts[number].ordinals, erased).size)
    ]


def purged(
    parts: Sequence[AnyPart], number: int, joined: Callable[[Sequence[AnyPart]], AnyPart]
) -> tuple[AnyPart, ...]:
    """The parts, of which this one, with a row that is alive, is without its dead rows."""
    return (*parts[:number], joined([parts[number]]), *parts[number + 1 :])
