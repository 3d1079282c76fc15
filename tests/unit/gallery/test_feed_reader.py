"""gallery.feed_reader: loading and following, also when the store fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from biometrics.errors import FieldInvalid, IndexBehind, StoreUnavailable
from gallery.feed_reader import FeedReader
from gallery.store import ConsistencyToken
from gallery.subject import Subject
from tests.builders import enrolment
from tests.fakes import MemoryStore


class Names:
    """A copy that keeps the ids; `broken` makes the next `apply` fail."""

    broken = False

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def apply(self, states: Mapping[str, Subject | None]) -> None:
        """See Copy."""
        if Names.broken:
            Names.broken = False
            raise ZeroDivisionError
        self.ids = (self.ids - set(states)) | {subject_id for subject_id, subject in states.items() if subject}


@pytest.fixture
def store() -> MemoryStore:
    """An empty store."""
    return MemoryStore()


@pytest.fixture
async def reader(store: MemoryStore) -> AsyncIterator[FeedReader[Names]]:
    """A reader whose tail runs; it has not loaded before the test awaits something."""
    reader = FeedReader(store, Names, page_size=2)
    tail = asyncio.create_task(reader.run())
    yield reader
    tail.cancel()


async def test_what_was_enrolled_before_and_after_the_load_is_there(
    store: MemoryStore, reader: FeedReader[Names]
) -> None:
    """Five subjects are loaded over pages of two, and a sixth comes by the feed."""
    for name in "abcde":
        await store.enroll(enrolment(name))
    await reader.wait_for((await store.enroll(enrolment("f"))).token, 30)
    assert set("abcdef") == reader.state.ids


async def test_a_store_that_is_down_at_the_start_is_tried_again(store: MemoryStore) -> None:
    """The reader is not ready and says why; when the store comes up it loads."""
    store.down = True
    reader = FeedReader(store, Names, page_size=2)
    tail = asyncio.create_task(reader.run())
    with pytest.raises(IndexBehind):
        await reader.wait_for(ConsistencyToken(""), 0.01)
    with pytest.raises(IndexBehind):
        _ = reader.state
    assert (False, "The store is down.") == (reader.is_ready, reader.last_error)
    store.down = False
    await reader.wait_for((await store.enroll(enrolment("a"))).token, 30)
    assert (True, "", {"a"}) == (reader.is_ready, reader.last_error, reader.state.ids)
    tail.cancel()


async def test_loading_from_a_store_that_is_down_raises(store: MemoryStore) -> None:
    """A caller that loads by itself gets the error."""
    store.down = True
    with pytest.raises(StoreUnavailable):
        await FeedReader(store, Names, page_size=2).load()


async def test_the_last_copy_serves_while_the_next_is_built(store: MemoryStore) -> None:
    """A reader beyond which the feed was trimmed serves the old copy until the new one is complete."""
    reader = FeedReader(store, Names, page_size=1)
    await store.enroll(enrolment("old"))
    await reader.load()
    served = reader.state
    await store.delete("old", "r", "d")
    token = (await store.enroll(enrolment("new"))).token
    store.trim()
    with pytest.raises(IndexBehind):
        await reader.wait_for(token, 0)
    tail = asyncio.create_task(reader.run())
    await reader.wait_for(token, 30)
    tail.cancel()
    assert ({"old"}, {"new"}) == (served.ids, reader.state.ids)


async def test_a_bug_in_the_copy_does_not_end_the_tail(store: MemoryStore, reader: FeedReader[Names]) -> None:
    """An unexpected error is reported by its class name, and the change is applied by the next attempt."""
    await reader.wait_for((await store.enroll(enrolment("a"))).token, 30)
    Names.broken = True
    token = (await store.enroll(enrolment("b"))).token
    with pytest.raises(IndexBehind):
        await reader.wait_for(token, 0.05)
    assert "ZeroDivisionError" == reader.last_error
    await reader.wait_for(token, 30)
    assert ("", {"a", "b"}) == (reader.last_error, reader.state.ids)


async def test_waiting_for_a_token_of_another_store_is_refused(store: MemoryStore, reader: FeedReader[Names]) -> None:
    """The error comes at once."""
    with pytest.raises(FieldInvalid):
        await reader.wait_for(ConsistencyToken("redis.00000000.1-0"), 30)
