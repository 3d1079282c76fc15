from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from biometrics.errors import FeedSetBack, FeedTruncated, StoreSetBack, StoreUnavailable
from gallery.partitions import partition_of
from gallery.store.subject_store import PartitionedStore
from gallery.store.tokens import FeedPosition, Positions, joined
from gallery.store.values import START
from tests.support.builders import enrolment
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable


@pytest.fixture
def backend() -> MemoryBackend:
    """An empty backend of one partition."""
    return MemoryBackend(partition_count=1)


@pytest.fixture
def store(backend: MemoryBackend) -> PartitionedStore:
    """The store in it."""
    return PartitionedStore(backend, MemoryKeyTable(), MemoryKey())


async def test_the_first_reader_to_notice_begins_a_new_epoch(store: PartitionedStore, backend: MemoryBackend) -> None:
    """A lost position is refused; after it was read, so is every older one, and reading on from a new one works."""
    kept = (await store.enroll(enrolment("anna"))).token
    lost = (await store.enroll(enrolment("ben"))).token
    del backend.feeds[0][-1]
    await store.check(kept)
    with pytest.raises(StoreSetBack):
        await store.check(lost)
    await store.check(kept)
    with pytest.raises(FeedSetBack):
        await store.changes(lost, 10, 0)
    with pytest.raises(StoreSetBack):
        await store.check(kept)
    position = await store.position()
    await store.check(position)
    receipt = await store.enroll(enrolment("carl"))
    assert [receipt.token] == [each.token for each in await store.changes(position, 10, 0)]


async def test_all_that_is_lost_begins_new_epochs_together() -> None:
    """One reader loses two partitions, and reads again; another that finds the other one first does not disturb it."""
    backend = MemoryBackend(partition_count=2)
    store = PartitionedStore(backend, MemoryKeyTable(), MemoryKey())
    ids = {partition_of(name, 2): name for name in "abcdefgh"}
    one, other = [(await store.enroll(enrolment(ids[partition]))).token for partition in (0, 1)]
    backend.set_back()
    with pytest.raises(FeedSetBack):
        await store.changes(joined([one, other]), 10, 0)
    position = await store.position()
    with pytest.raises(FeedSetBack):
        await store.changes(joined([other, one]), 10, 0)
    await store.check(position)
    assert [] == await store.changes(position, 10, 0)


async def test_a_loss_is_told_before_a_feed_that_is_too_short() -> None:
    """Where one partition is lost and another was trimmed, a reader is told of the loss, and drops its copy."""
    backend = MemoryBackend(partition_count=2)
    store = PartitionedStore(backend, MemoryKeyTable(), MemoryKey())
    ids = {partition_of(name, 2): name for name in "abcdefgh"}
    trimmed = (await store.enroll(enrolment(ids[0]))).token
    await store.enroll(enrolment(ids[0], encounter_id="e2", create_subject=False))
    lost = (await store.enroll(enrolment(ids[1]))).token
    backend.feeds[1].clear()
    backend.trim()
    with pytest.raises(FeedSetBack):
        await store.changes(joined([trimmed, lost]), 10, 0)


async def test_a_set_back_is_noticed_although_nothing_was_written_since(
    store: PartitionedStore, backend: MemoryBackend
) -> None:
    """A reader that waits at a position that is lost gets the error while it waits."""
    await store.enroll(enrolment("anna"))
    lost = (await store.enroll(enrolment("ben"))).token
    waiting = asyncio.create_task(store.changes(lost, 10, 30))
    await asyncio.sleep(0)
    del backend.feeds[0][-1]
    with pytest.raises(FeedSetBack):
        await waiting


async def test_a_trimmed_feed_is_no_set_back(store: PartitionedStore, backend: MemoryBackend) -> None:
    """A position that the feed has dropped is truncated for a reader, and still believed as a token."""
    old = (await store.enroll(enrolment("anna"))).token
    await store.enroll(enrolment("ben"))
    backend.trim()
    for position in (START, old):
        with pytest.raises(FeedTruncated) as caught:
            await store.changes(position, 10, 0)
        assert not isinstance(caught.value, FeedSetBack)
    await store.check(old)


class HalfDown(MemoryBackend):
    """A backend of which partition 1 does not answer."""

    async def newest(self, partitions: Sequence[int]) -> list[FeedPosition]:
        """See Backend."""
        if 1 in partitions:
            raise StoreUnavailable("Partition 1 is down.")
        return await super().newest(partitions)


async def test_a_partition_that_is_down_keeps_no_other_from_being_followed() -> None:
    """Of two partitions one does not answer: a waiting reader gets the changes of the other one."""
    backend = HalfDown(partition_count=2)
    store = PartitionedStore(backend, MemoryKeyTable(), MemoryKey())
    ids = {partition_of(name, 2): name for name in ("anna", "ben", "carl", "dora")}
    (position,) = await backend.newest([0])
    begin = [FeedPosition(each, position.epoch, position.mark, position.number) for each in (0, 1)]
    both = Positions("memory", backend.store_id, {each.partition: each for each in begin})
    waiting = asyncio.create_task(store.changes(both.token, 10, 30))
    await asyncio.sleep(0)
    receipt = await store.enroll(enrolment(ids[0]))
    assert [receipt.token] == [change.token for change in await waiting]
    with pytest.raises(StoreUnavailable):
        await store.changes(Positions("memory", backend.store_id, {1: begin[1]}).token, 10, 0)
