"""gallery.index.content: a purge removes erased data from memory."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.template import Position
from tests.support.builders import reference
from tests.support.fakes.comparators import VectorComparator, VectorStack
from tests.support.stores.pages import content_of, name_of, page_of
from tests.unit.gallery.index.contents import all_ids, applied_one_by_one, erase, ids, subject


def test_a_purge_removes_all_rows_of_erased_subjects_and_keeps_the_others() -> None:
    """Rows from before a change, and whole segments, are removed too; other segments are not rebuilt."""
    content, comparator = applied_one_by_one([subject(f"s{n}") for n in range(20)], segment_size=4)
    content.apply(page_of(subject("s1", reference([2, 0, 0, 0]))))
    before = content.state.segments(Position.UNKNOWN, "g")
    erase(content, "s1", "s2")
    erase(content, "s4", "s5", "s6", "s7")
    kept = ids(content.state)
    copied = comparator.gathered_count
    content.purge()
    after = content.state.segments(Position.UNKNOWN, "g")
    assert kept == ids(content.state)
    assert 14 == sum(segment.size for segment in after)
    assert not {"s1", "s2", "s4", "s5", "s6", "s7"} & set(all_ids(content.state))
    assert {id(segment) for segment in before} & {id(segment) for segment in after}
    assert comparator.gathered_count - copied < len(kept)
    content.purge()
    assert [id(segment) for segment in after] == [id(each) for each in content.state.segments(Position.UNKNOWN, "g")]


def test_a_purge_removes_what_was_cut_from_a_subject_that_stays() -> None:
    """Former rows of a subject of which templates were removed go with the next purge; its present ones stay."""
    content, _ = applied_one_by_one([subject(f"s{n}") for n in range(8)], segment_size=8)

    def rows() -> int:
        return sum(segment.size for segment in content.state.segments(Position.UNKNOWN, "g"))

    content.apply(page_of(subject("s1", reference([2, 0, 0, 0]))))
    content.purge()
    assert 9 == rows()
    content.apply(page_of(subject("s1", reference([3, 0, 0, 0]))), cut={name_of("s1")})
    content.purge()
    assert (8, 8) == (rows(), len(set(ids(content.state))))


class Watching(VectorComparator):
    """Counts the watched stacks that are still in memory whenever rows are gathered."""

    def __init__(self) -> None:
        super().__init__()
        self.watched: list[weakref.ref[VectorStack]] = []
        self.left: list[int] = []

    def gather(self, parts: Sequence[tuple[VectorStack, NDArray[np.int64]]]) -> VectorStack:
        """See Comparator."""
        self.left.append(sum(each() is not None for each in self.watched))
        return super().gather(parts)


def test_a_purge_frees_each_segment_before_it_rebuilds_the_next() -> None:
    """While the last of ten segments is rebuilt, the nine others are not in memory any more."""
    comparator = Watching()
    content = content_of(*(subject(f"s{n}") for n in range(80)), segment_size=8, comparator=comparator)
    erase(content, *(f"s{n}" for n in range(0, 80, 8)))
    segments = content.state.segments(Position.UNKNOWN, "g")
    comparator.watched = [weakref.ref(each.stack) for each in segments]
    del segments
    content.purge()
    assert list(range(10, 0, -1)) == comparator.left


def test_a_purge_in_parts_goes_on_after_changes() -> None:
    """A purge that rests after each segment is complete after as many calls, whatever is applied between them."""
    content = content_of(*(subject(f"s{n}") for n in range(12)), segment_size=4)
    erase(content, "s0", "s4", "s8")
    calls = 1
    while not content.purge(lambda: False):
        content.apply(page_of(subject(f"new{calls}")))
        calls += 1
    assert 3 < calls < 12
    erased = {"s0", "s4", "s8"}
    assert not erased & set(all_ids(content.state))
    added = {f"new{n}" for n in range(1, calls)}
    assert {f"s{n}" for n in range(12)} - erased | added == set(ids(content.state))
    assert content.purge()


def test_a_purge_after_more_changes_than_are_remembered_removes_all_dead_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """If former entries were forgotten, an erasure removes the dead rows of all subjects."""
    monkeypatch.setattr("gallery.index.columns.erased.MOST_SUPERSEDED", 2)
    content, _ = applied_one_by_one([subject(f"s{n}") for n in range(20)])
    for n in (1, 6, 11):
        content.apply(page_of(subject(f"s{n}", reference([2, 0, 0, 0]))))
    erase(content, "s1")
    content.purge()
    assert 19 == sum(segment.size for segment in content.state.segments(Position.UNKNOWN, "g"))
    assert "s1" not in all_ids(content.state)
