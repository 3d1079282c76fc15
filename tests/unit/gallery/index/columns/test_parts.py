"""gallery.index.columns.parts: which parts hold a row, and which are rebuilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gallery.index.columns.parts import (
    Ordinals,
    holding,
    marked,
    purgeable,
    purged,
    rows_of,
    smallest,
    tidied,
    without_rows,
)


@dataclass(frozen=True)
class Rows:
    """A part of nothing but ordinals."""

    ordinals: NDArray[np.int64]
    alive: NDArray[np.bool_] | None = None

    @property
    def alive_count(self) -> int:
        """See Part."""
        return len(self.kept)

    @property
    def kept(self) -> list[int]:
        """Ordinals of the rows alive."""
        alive = np.ones(len(self.ordinals), np.bool_) if self.alive is None else self.alive
        kept: list[int] = self.ordinals[alive].tolist()
        return kept

    def without(self, ordinals: Ordinals) -> Rows:
        """See Part."""
        rows = rows_of(self.ordinals, ordinals)
        return Rows(self.ordinals, without_rows(self.alive, rows, len(self.ordinals))) if rows.size else self


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows alive of several parts."""
    return Rows(np.array([each for part in parts for each in part.kept]))


def kept(parts: Sequence[Rows]) -> list[int]:
    """Ordinals of all rows alive."""
    return [each for part in parts for each in part.kept]


gaps = st.lists(st.integers(0, 2), min_size=1, max_size=40)
cuts = st.sets(st.integers(1, 39))
chosen = st.sets(st.integers(-1, 60))


def parts_of(steps: list[int], ends: set[int]) -> list[Rows]:
    """Parts of ascending ordinals, some of which repeat, also across parts."""
    parts = np.split(np.cumsum(steps), sorted(end for end in ends if end < len(steps)))
    return [Rows(each) for each in parts]


@settings(deadline=None, database=None)
@given(gaps, cuts, chosen, chosen)
def test_rows_are_marked_dead_and_purged_wherever_they_are(
    steps: list[int], ends: set[int], dead: set[int], erased: set[int]
) -> None:
    """The parts that hold an entry are found; its rows are dead, and after a purge of it they are gone."""
    parts = parts_of(steps, ends)
    wanted = np.array(sorted(dead), np.int64)
    holders = holding(parts, wanted)
    assert {n for n, part in enumerate(parts) if dead & {*part.ordinals.tolist()}} <= {*holders}
    changed = marked(parts, wanted)
    assert [each for each in np.cumsum(steps).tolist() if each not in dead] == kept(changed)
    alive = [part for part in changed if part.alive_count]
    gone = np.array(sorted(dead & erased), np.int64)
    for wanted_dead, left in ((gone, dead - erased), (None, set[int]())):
        after = tuple(alive)
        for number in purgeable(alive, wanted_dead):
            after = purged(after, number, joined)
        assert kept(alive) == kept(after)
        assert {each for part in after for each in part.ordinals.tolist()} <= {*kept(alive), *left}


@pytest.mark.parametrize("most", [1, 7, 64])
def test_parts_that_come_one_by_one_are_few(most: int) -> None:
    """Merged parts have at most the most rows; they are in order, and most of them at least half full."""
    parts: tuple[Rows, ...] = ()
    for number in range(500):
        parts = tidied([*parts, Rows(np.array([number]))], most, joined)
    assert list(range(500)) == kept(parts)
    assert max(len(part.ordinals) for part in parts) <= most
    assert len(parts) <= 2 * 500 / most + 7


def test_ordinals_take_as_few_bytes_as_they_need() -> None:
    """Ordinals up to 2³¹ − 1 take 4 bytes, larger ones 8; each kind is found among the other."""
    few, many = smallest(np.array([1, 2**31 - 1])), smallest(np.array([1, 2**31]))
    assert (4, 8) == (few.itemsize, many.itemsize)
    assert [1] == rows_of(many, np.array([2**31])).tolist()
    assert [] == rows_of(few, np.array([2**32 + 1, 2**33 - 1])).tolist()
