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

FIRST = MemoryStore().write_of("ann", 1)


@dataclass
class WatchedStore(MemoryStore):
    """Signals when a call waits for a change."""

    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        self.waiting.set()
        return await super().changes(after, limit, wait_s)


async def test_a_write_that_is_on_its_way_is_waited_for() -> None:
    """A call that names a write which the store does not have yet continues as soon as it has."""
    store = WatchedStore()
    seen = asyncio.create_task(wait_until_seen(store, FIRST, Deadline.after(3600.0)))
    await store.waiting.wait()
    assert not seen.done()
    await store.enroll(enrolment("ann"))
    await seen
    assert store.reached(await store.position(), FIRST)


class LaggingStore(MemoryStore):
    """A replica that does not know yet whether it will get a write."""

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""


async def test_the_wait_ends_before_the_callers_deadline() -> None:
    """A write that does not arrive in time is UNAVAILABLE, before the caller's deadline."""
    with pytest.raises(IndexBehind):
        await wait_until_seen(LaggingStore(), FIRST, Deadline.after(0.05))


async def test_a_lost_write_is_reported() -> None:
    """A store that was set back to a backup reports it once the wait is over."""
    with pytest.raises(StoreSetBack):
        await wait_until_seen(MemoryStore(), FIRST, Deadline.after(0.05))


async def test_a_write_that_the_store_has_is_not_waited_for() -> None:
    """A call without a token, or with that of a stored write, does not wait; a token of another store is refused."""
    store = MemoryStore()
    receipt = await store.enroll(enrolment("ann"))
    for token in (START, receipt.token):
        await wait_until_seen(store, token, Deadline.after(0.0))
    with pytest.raises(FieldInvalid):
        await wait_until_seen(store, ConsistencyToken("other.1"), Deadline.after(1.0))
