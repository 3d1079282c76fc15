"""gallery.index.room: an index that has no room for all references says so, and holds no more than it may."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest

from biometrics.errors import IndexBehind
from biometrics.template import Modality, Position
from gallery.index.exact import ExactIndex
from gallery.index.feed_reader import FeedReader
from gallery.index.room import Room
from gallery.partitions import partition_of
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment, vector
from tests.support.fakes.comparators import VectorComparator
from tests.support.fakes.memory_backend import MemoryBackend
from tests.unit.gallery.index.names_copy import Names

PROBE = vector([1, 2, 3, 4])
KIB = 1 << 10


@asynccontextmanager
async def index_of(store: PartitionedStore, most_bytes: int) -> AsyncIterator[ExactIndex]:
    """A loaded index that may fill so much."""
    comparator = VectorComparator(Modality.FINGERPRINT)
    index = ExactIndex(store, comparator, page_size=4, segment_size=8, most_bytes=most_bytes)
    await index.start()
    yield index
    await index.close()


def found(index: ExactIndex) -> set[str]:
    """The subjects that a search finds."""
    return {each.subject_id for each in index.search_reachable(PROBE, Position.UNKNOWN, "default", 1000).hits}


async def partition(store: PartitionedStore, subject_id: str) -> int:
    """The partition of a subject."""
    return partition_of(subject_id, await store.partition_count())


async def test_what_does_not_fit_is_left_out_and_its_partition_is_named(
    store: PartitionedStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Searches return what there is and the partitions of all that is missing; the log says it once."""
    caplog.set_level(logging.WARNING)
    everyone = {f"s{number}" for number in range(200)}
    for each in everyone:
        await store.enroll(enrolment(each, request_id=each))
    async with index_of(store, 32 * KIB) as index:
        inside = found(index)
        search = index.search_reachable(PROBE, Position.UNKNOWN, "default", 1)
        assert 0 < len(inside) < len(everyone)
        assert index.memory_bytes <= 32 * KIB
        assert {await partition(store, each) for each in everyone - inside} <= set(search.unsearched)
        assert (index.left_out, len(inside)) == (search.unsearched, search.subject_count)
        assert index.is_healthy
    assert 1 == sum("The index is full" in record.message for record in caplog.records)


async def test_nothing_is_answered_as_if_it_were_complete(store: PartitionedStore) -> None:
    """A search of everything, and scores of a subject that may have been left out, are refused."""
    for number in range(200):
        await store.enroll(enrolment(f"s{number}", request_id=str(number)))
    async with index_of(store, 32 * KIB) as index:
        inside = found(index)
        (missing, *_) = (f"s{number}" for number in range(200) if f"s{number}" not in inside)
        with pytest.raises(IndexBehind, match="no room"):
            index.search(PROBE, Position.UNKNOWN, "default", 1)
        with pytest.raises(IndexBehind, match="no room"):
            index.score_subjects(PROBE, Position.UNKNOWN, [missing])


async def test_a_change_without_room_leaves_no_former_state_behind(store: PartitionedStore) -> None:
    """Later enrolments that do not fit are left out too, while erasures go on to be applied."""
    for number in range(200):
        await store.enroll(enrolment(f"s{number}", request_id=str(number)))
    async with index_of(store, 32 * KIB) as index:
        first = min(found(index))
        for number in range(400):
            token = (await store.enroll(enrolment(f"late{number}", request_id=f"late{number}"))).token
        await index.wait_for(token, 30)
        await index.wait_for((await store.delete(first, "r", "d")).token, 30)
        inside = found(index)
        late = {f"late{number}" for number in range(400)}
        assert (True, False) == (late > late & inside, first in inside)
        assert {await partition(store, each) for each in late - inside} <= set(index.left_out)
        assert index.memory_bytes <= 32 * KIB


class Narrow(Names):
    """A copy beside which there is no room for another; says whether one was there when it was made."""

    has_room_for_another = False
    beside: ClassVar[list[bool]] = []
    reader: ClassVar[FeedReader[Names]]

    def __init__(self, name_key: bytes) -> None:
        Narrow.beside.append(Narrow.reader.is_ready)
        super().__init__(name_key)


async def test_a_copy_is_dropped_before_the_next_is_built_if_there_is_no_room_for_both(
    store: PartitionedStore, backend: MemoryBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """The next one is complete, and the log says why nothing could be searched meanwhile."""
    Narrow.reader = reader = FeedReader(store, Modality.FINGERPRINT, Narrow, page_size=1)
    await store.enroll(enrolment("old"))
    await reader.load()
    token = (await store.enroll(enrolment("new"))).token
    backend.trim()
    tail = asyncio.create_task(reader.run())
    await reader.wait_for(token, 30)
    tail.cancel()
    assert ([False, False], {"old", "new"}) == (Narrow.beside, reader.state.ids)
    assert any("does not hold two copies" in record.message for record in caplog.records)


@pytest.mark.parametrize(("most", "expected"), [(0, True), (200, True), (199, False)])
def test_another_copy_needs_as_much_again(most: int, *, expected: bool) -> None:
    """Without a limit there is always room."""
    assert expected == Room(most, lambda: 100).has_another
