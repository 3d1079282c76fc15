"""An index that is behind its store, or cannot reach it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from biometrics.errors import FieldInvalid, IndexBehind
from gallery.index.exact import ExactIndex
from gallery.sealing.key_file import KeyFile
from gallery.store.port import SubjectStore
from gallery.store.redis.backend import RedisBackend
from gallery.store.redis.key_table import RedisKeyTable
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import ConsistencyToken
from tests.contract.index.searches import FINGER, PROBE, OpenStore
from tests.support.builders import enrolment
from tests.support.fakes.comparators import VectorComparator, VectorStack
from tests.support.redis_process import RedisProcess


@pytest.fixture
async def index(store: SubjectStore) -> AsyncIterator[ExactIndex[VectorStack]]:
    """A started index with pages and segments small enough to exercise all of its code paths."""
    index = ExactIndex(store, VectorComparator(), page_size=3, segment_size=8)
    await index.start()
    yield index
    await index.close()


async def test_an_index_that_is_behind_says_so(store: SubjectStore) -> None:
    """An index that does not follow the store times out; a malformed token is invalid; the start is always reached."""
    index = ExactIndex(store, VectorComparator())
    with pytest.raises(IndexBehind):
        index.search(PROBE, FINGER, "default", 5)
    with pytest.raises(IndexBehind):
        await index.wait_for((await store.enroll(enrolment("anna"))).token, 0.01)
    with pytest.raises(FieldInvalid):
        await index.wait_for(ConsistencyToken("nonsense"), 0.01)
    assert (False, 0) == (index.is_ready, index.skipped_count)
    await index.start()
    await index.wait_for(ConsistencyToken(""), 0)
    assert index.is_ready
    await index.close()


async def test_an_index_overtaken_by_a_trimmed_feed_rebuilds(open_store: OpenStore) -> None:
    """An index that did not read while the feed was trimmed past its position ends up equal to the store."""
    store = open_store(feed_length=10)
    await store.enroll(enrolment("gone"))
    index = ExactIndex(store, VectorComparator())
    await index.start()
    await index.close()  # the index no longer follows the feed
    await store.delete("gone", "r", "d")
    for number in range(250):
        await store.enroll(enrolment(f"s{number}"))
    assert 1 == index.count("default")
    tail = asyncio.create_task(index.run())
    await index.wait_for(await store.position(), 30)
    assert 250 == index.count("default")
    tail.cancel()


async def test_an_index_serves_while_redis_is_down_and_rebuilds_when_it_comes_back_empty(
    own_redis: RedisProcess, tmp_path: Path
) -> None:
    """Loaded subjects are found while the store is down; when it comes back empty, the index becomes empty too."""
    backend = RedisBackend(own_redis.url, "n", partition_count=4)
    store = PartitionedStore(backend, RedisKeyTable(own_redis.url, "n"), KeyFile(tmp_path / "key", may_make=True))
    index = ExactIndex(store, VectorComparator())
    await store.enroll(enrolment("anna"))
    await index.start()
    own_redis.wipe()
    assert ["anna"] == [hit.subject_id for hit in index.search(PROBE, FINGER, "default", 5)]
    own_redis.start()
    receipt = await store.enroll(enrolment("ben"))
    await until_applied(index, receipt.token)
    assert ["ben"] == [hit.subject_id for hit in index.search(PROBE, FINGER, "default", 5)]
    assert (True, "") == (index.is_ready, index.last_error)
    await index.close()
    await store.close()


async def until_applied(index: ExactIndex[VectorStack], token: ConsistencyToken) -> None:
    """Wait until the index has reached a token, whose store it may not know yet."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await index.wait_for(token, 1)
            except FieldInvalid:
                await asyncio.sleep(0)  # lets the index go on; no time is waited for
