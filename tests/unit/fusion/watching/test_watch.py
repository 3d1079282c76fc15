"""fusion.watching: who is told what, when, and how often the store is asked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from biometrics.errors import BiofusionError, StoreSetBack
from fusion.watching.shared_feed import SharedFeed
from fusion.watching.watch import watch
from gallery.store.values import START, Change, ConsistencyToken
from tests.support.builders import enrolment
from tests.support.fakes.memory_store import MemoryStore
from tests.support.stores.sqlite_store import sqlite_store

HOUR = 3600.0


@dataclass
class CountingStore(MemoryStore):
    """Counts reads of the feed, and signals when one waits."""

    reads: int = 0
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        self.reads += 1
        self.waiting.set()
        return await super().changes(after, limit, wait_s)


async def test_watchers_at_one_position_share_a_read() -> None:
    """A hundred watchers that wait cost one read of the store, and all get the change."""
    store = CountingStore()
    feed, begin = SharedFeed(store), await store.position()
    waiting = [asyncio.create_task(feed.after(begin, HOUR)) for _ in range(100)]
    await store.waiting.wait()
    await store.enroll(enrolment("ann"))
    found = await asyncio.gather(*waiting)
    assert (1, {"ann"}) == (store.reads, {each[0].subject.subject_id for each in found if each[0].subject})


async def test_a_read_ends_with_its_last_watcher() -> None:
    """A watcher that goes does not end the read of another one; when the last goes, nothing waits in the store."""
    store = CountingStore()
    feed, begin = SharedFeed(store), await store.position()
    one, other = (asyncio.create_task(feed.after(begin, HOUR)) for _ in range(2))
    await store.waiting.wait()
    one.cancel()
    await asyncio.wait([one])
    await store.enroll(enrolment("ann"))
    assert 1 == len(await other)
    store.waiting.clear()
    last = asyncio.create_task(feed.after(await store.position(), HOUR))
    await store.waiting.wait()
    last.cancel()
    await asyncio.wait([last])
    await asyncio.sleep(0)
    assert {} == feed._reads


async def test_silence_is_told_with_a_token() -> None:
    """Without changes a token alone comes after the time of silence, and again."""
    store = MemoryStore()
    async with aclosing(watch(store, SharedFeed(store), START, "", heartbeat_s=0.0)) as news:
        beats = [await anext(news) for _ in range(3)]
    assert [(None, "")] * 3 == [(each.kind, each.subject_id) for each in beats]
    assert {await store.position()} == {each.token for each in beats}


async def test_a_token_moves_past_changes_that_are_not_told() -> None:
    """Changes of other galleries are passed over, so that they need not be read again after an interruption."""
    store = MemoryStore()
    async with aclosing(watch(store, SharedFeed(store), START, "staff", heartbeat_s=0.0)) as news:
        begin = await anext(news)
        await store.enroll(enrolment("guest"))
        beats = [await anext(news) for _ in range(2)]
    assert begin.token != beats[-1].token == await store.position()


async def test_a_subject_erased_meanwhile_is_told_once() -> None:
    """A put whose subject is gone when it is read is left out: its erasure follows."""
    store = MemoryStore()
    begin = await store.position()
    await store.enroll(enrolment("ann"))
    await store.delete("ann", "r", "d")
    async with aclosing(watch(store, SharedFeed(store), begin, "")) as news:
        first = await anext(news)
    assert ("DELETE", "", await store.position()) == (first.kind, first.subject_id, first.token)


async def test_a_store_that_was_set_back_is_told() -> None:
    """A watcher learns that what it was told has never happened, at once or when it begins again."""
    store = MemoryStore()
    await store.enroll(enrolment("ann"))
    at = await store.position()
    waiting = asyncio.create_task(SharedFeed(store).after(at, HOUR))
    await store.set_back()
    with pytest.raises(StoreSetBack):
        await waiting
    async with aclosing(watch(store, SharedFeed(store), at, "")) as news:
        with pytest.raises(StoreSetBack):
            await anext(news)


async def test_a_damaged_token_is_refused_or_told(tmp_path: Path) -> None:
    """Whatever a token has become, a watch begins, or ends with a named error."""
    rng, store = random.Random(5), sqlite_store(tmp_path / "store.db", partition_count=4)
    for number in range(8):
        await store.enroll(enrolment(f"s{number}"))
    good, feed, outcomes = str(await store.position()), SharedFeed(store), set()
    for _ in range(300):
        at, character = rng.randrange(len(good)), rng.choice("0123456789abcdef.-~ é\0")
        token = good[:at] + character * rng.randrange(3) + good[at + rng.randrange(3) :]
        try:
            async with aclosing(watch(store, feed, ConsistencyToken(token), "", 0.0)) as news:
                outcomes.add(str((await anext(news)).kind))
        except BiofusionError as error:
            outcomes.add(error.reason)
    await store.close()
    assert {"FIELD_INVALID", "STORE_SET_BACK"} <= outcomes <= {"FIELD_INVALID", "STORE_SET_BACK", "None", "PUT"}
