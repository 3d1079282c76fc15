from __future__ import annotations

import asyncio

import pytest

from biometrics.errors import FeedSetBack, FeedTruncated, StoreSetBack
from gallery.store.subject_store import PartitionedStore
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
