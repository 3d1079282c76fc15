from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from biometrics.errors import FieldInvalid, IndexBehind, StoreSetBack
from fusion.requests.read_your_writes import wait_until_seen
from gallery.store.values import START, Change, ConsistencyToken
from infra.deadlines import Deadline
from tests.support.builders import enrolment
from tests.support.fakes.memory_store import MemoryStore

FIRST = ConsistencyToken("memory.0.1")


@dataclass
class WatchedStore(MemoryStore):
    """Says when somebody waits for a change."""

    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        self.waiting.set()
        return await super().changes(after, limit, wait_s)


async def test_a_write_that_is_on_its_way_is_waited_for() -> None:
    """A call that names a write which the store does not have yet goes on as soon as it has."""
    store = WatchedStore()
    seen = asyncio.create_task(wait_until_seen(store, FIRST, Deadline.after(3600.0)))
    await store.waiting.wait()
    assert not seen.done()
    await store.enroll(enrolment("ann"))
    await seen
    assert store.reached(await store.position(), FIRST)


class LaggingStore(MemoryStore):
    """A copy of another store, which cannot tell what it will have."""

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""


async def test_not_longer_than_the_caller_waits() -> None:
    """A write that does not come in time is UNAVAILABLE, before the caller's deadline."""
    with pytest.raises(IndexBehind):
        await wait_until_seen(LaggingStore(), FIRST, Deadline.after(0.05))


async def test_a_write_that_was_lost_is_said_to_be() -> None:
    """A store that was set back says so once the wait is over."""
    with pytest.raises(StoreSetBack):
        await wait_until_seen(MemoryStore(), FIRST, Deadline.after(0.05))


async def test_what_is_there_is_not_waited_for() -> None:
    """No token, and a write that the store has, cost no wait; a token of another store is refused."""
    store = MemoryStore()
    receipt = await store.enroll(enrolment("ann"))
    for token in (START, receipt.token):
        await wait_until_seen(store, token, Deadline.after(0.0))
    with pytest.raises(FieldInvalid):
        await wait_until_seen(store, ConsistencyToken("other.1"), Deadline.after(1.0))
