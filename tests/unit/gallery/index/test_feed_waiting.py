"""gallery.index.feed_waiting: waiting callers, and the pause of a reader while none waits."""

from __future__ import annotations

import asyncio

import pytest

from biometrics.errors import FieldInvalid
from gallery.index.feed_reader import FeedReader
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import ConsistencyToken
from tests.support.builders import enrolment
from tests.support.fakes.memory_backend import MemoryBackend
from tests.unit.gallery.index.names_copy import Names


async def test_an_index_that_waits_learns_at_once_that_a_store_was_set_back(
    store: PartitionedStore, backend: MemoryBackend, reader: FeedReader[Names]
) -> None:
    """An index is reloaded after the store was set back, even without writes and searches."""
    await reader.wait_for((await store.enroll(enrolment("ghost"))).token, 30)
    backend.set_back()
    async with asyncio.timeout(30):
        while not (reader.is_ready and reader.state.ids == set()):  # noqa: ASYNC110 - an empty load gives no event
            await asyncio.sleep(0)  # lets the reader run; waits for no time


async def test_waiting_for_a_token_of_another_store_is_refused(
    store: PartitionedStore, reader: FeedReader[Names]
) -> None:
    """A token of another store is an error at once."""
    with pytest.raises(FieldInvalid):
        await reader.wait_for(ConsistencyToken("redis.00000000.1-0"), 30)


async def test_continuous_changes_are_applied_together(
    store: PartitionedStore, reader: FeedReader[Names], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a batch the reader pauses, so that the next one is larger, until a caller waits for a change."""
    monkeypatch.setattr("gallery.index.feed_waiting.REST", 1e9)
    monkeypatch.setattr("gallery.index.feed_waiting.LONGEST_REST_S", 1e9)
    await reader.wait_for((await store.enroll(enrolment("a"))).token, 30)
    reader.state.has_applied.clear()
    await store.enroll(enrolment("b"))
    await reader.state.has_applied.wait()
    await store.enroll(enrolment("c"))
    for _ in range(50):
        await asyncio.to_thread(int)  # long enough for a reader that does not pause
    await reader.wait_for((await store.enroll(enrolment("d"))).token, 30)
    assert [["b"], ["c", "d"]] == reader.state.applied[-2:]
