"""gallery.index.feed_reader: several processes on a store that is set back, or whose keys are destroyed."""

from __future__ import annotations

import asyncio

from biometrics.template import Modality
from gallery.index.feed_reader import FeedReader
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment
from tests.support.fakes.memory_backend import MemoryBackend
from tests.unit.gallery.index.names_copy import Names


async def test_readers_of_a_lost_history_load_once_each(
    store: PartitionedStore, backend: MemoryBackend, reader: FeedReader[Names]
) -> None:
    """Two readers of a store that was set back in all partitions load it again once each, and follow it then."""
    other = FeedReader(store, Modality.FINGERPRINT, Names, page_size=2)
    tail = asyncio.create_task(other.run())
    for name in "abcdef":
        token = (await store.enroll(enrolment(name))).token
    for each in (reader, other):
        await each.wait_for(token, 30)
    before = [each.load_count for each in (reader, other)]
    backend.set_back()
    for name in "uvwxyz":
        token = (await store.enroll(enrolment(name))).token
    for each in (reader, other):
        while not each.is_ready or "a" in each.state.ids:  # noqa: ASYNC110  # nothing tells it
            await asyncio.sleep(0)
    token = (await store.enroll(enrolment("new"))).token
    for each in (reader, other):
        await each.wait_for(token, 30)
        assert set("uvwxyz") | {"new"} == each.state.ids
    forgotten_and_loaded = 2
    assert [count + forgotten_and_loaded for count in before] == [each.load_count for each in (reader, other)]
    tail.cancel()


async def test_nobody_is_loaded_by_a_key_that_was_destroyed(
    store: PartitionedStore, backend: MemoryBackend, reader: FeedReader[Names]
) -> None:
    """After another process destroyed all data keys and began new epochs, a reader that used them loads nobody."""
    await reader.wait_for((await store.enroll(enrolment("a"))).token, 30)
    identity = await backend.identity()
    other = PartitionedStore(backend, store.table, store.encryption)
    for partition in range(backend.partition_count):
        await other.rotation(identity).destroy_partition(partition)
    load_count = reader.load_count
    await backend.renew_epochs(await backend.newest(range(backend.partition_count)))
    while not reader.is_ready or reader.load_count == load_count:  # noqa: ASYNC110  # nothing tells it
        await asyncio.sleep(0)
    assert set() == reader.state.ids
