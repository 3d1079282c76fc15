"""The key table in Redis: what is acknowledged is there, and what is destroyed is nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from biometrics.errors import RecordUnreadable, StoreUnavailable, SubjectNotFound
from gallery.sealing.data_keys import DataKeys, new_page
from gallery.sealing.header import Header, new_generation
from gallery.sealing.key_table import HEAD, KEY_BYTES, KeyRef, PageHead
from gallery.sealing.rotation import Rotation
from gallery.store.redis.connections.access import Demands
from gallery.store.redis.key_table import PAGES_AT_ONCE, RedisKeyTable
from tests.support.builders import enrolment
from tests.support.fakes.memory_keys import MemoryKey
from tests.support.redis.groups import RedisCluster
from tests.support.redis.stores import backend_of, redis_store, table_of
from tests.support.redis_process import RedisProcess

DATA_KEY = bytes(range(32))
PARTITIONS = 4


@pytest.fixture(params=["server", "cluster"])
async def table(
    request: pytest.FixtureRequest, redis_process: RedisProcess, redis_cluster: RedisCluster
) -> AsyncIterator[RedisKeyTable]:
    """An empty table, whose files are rewritten at once."""
    url = redis_process.url if request.param == "server" else redis_cluster.url
    opened = RedisKeyTable(url, request.node.name.replace("[", "-").replace("]", ""), rewrite_delay_s=0)
    yield opened
    await opened.close()


async def header() -> bytes:
    """A header of a store of 4 partitions."""
    return Header("0a1b2c3d", (await new_generation(1, "0a1b2c3d", PARTITIONS, MemoryKey()),)).packed


def page(partition: int) -> bytes:
    """A page of a partition."""
    return new_page(partition, 1, DATA_KEY)[1]


async def test_a_header_is_replaced_by_one_of_two_writers(table: RedisKeyTable) -> None:
    """Only the one that saw the present header replaces it."""
    assert b"" == await table.header()
    first, second = await header(), await header()
    assert [True, False] == sorted(
        await asyncio.gather(*(table.put_header(h, b"") for h in (first, second))), reverse=True
    )
    present = await table.header()
    assert not await table.put_header(b"x", b"y")
    assert present == await table.header()
    assert await table.put_header(first + b"", present)


async def test_pages_are_numbered_within_their_partition(table: RedisKeyTable) -> None:
    """Pages added at once, by one writer or by several, have numbers of their own."""
    pages = [page(each) for each in (0, 1, 1, 3)]
    assert [0, 0, 1, 0] == await table.add_pages(pages)
    found = await asyncio.gather(*(table.add_pages([page(2)]) for _ in range(10)))
    assert list(range(10)) == sorted(number for (number,) in found)
    assert {0: pages[1], 1: pages[2]} == await table.pages(1, [0, 1, 2])
    assert {} == await table.pages(0, [7])


async def test_a_destroyed_key_is_zeros_and_nothing_else_changes(table: RedisKeyTable) -> None:
    """The other keys of the page stay; a page or key that is gone already is no error."""
    first, second = page(1), page(1)
    await table.add_pages([first, second])
    for _ in range(2):
        await table.destroy(1, [KeyRef(0, 3), KeyRef(0, 255), KeyRef(1, 0), KeyRef(9, 0)])
    found = await table.pages(1, [0, 1, 9])
    assert {0, 1} == found.keys()
    zeros = bytes(KEY_BYTES)
    start = HEAD.size + 3 * KEY_BYTES
    assert first[:start] + zeros + first[start + KEY_BYTES : -KEY_BYTES] + zeros == found[0]
    assert second[: HEAD.size] + zeros + second[HEAD.size + KEY_BYTES :] == found[1]


async def test_all_pages_are_rewrapped(table: RedisKeyTable) -> None:
    """Every page is replaced by its change, and progress is told up to the number of all."""
    await table.put_header(await header(), b"")
    pages = [page(number % PARTITIONS) for number in range(PAGES_AT_ONCE + 6)]
    numbers = await table.add_pages(pages)
    told: list[tuple[int, int]] = []
    await table.rewrap(lambda old: old[::-1] if old != pages[0] else None, lambda *each: told.append(each))
    assert [(PAGES_AT_ONCE, len(pages)), (len(pages), len(pages))] == told
    for old, number in zip(pages, numbers, strict=True):
        head = PageHead.of(old)
        assert head is not None
        wanted = old if old == pages[0] else old[::-1]
        assert {number: wanted} == await table.pages(head.partition, [number])


async def test_a_key_destroyed_during_a_rewrap_stays_destroyed(table: RedisKeyTable) -> None:
    """A page that changes meanwhile is read and changed again."""
    await table.put_header(await header(), b"")
    await table.add_pages([page(2)])
    loop, calls = asyncio.get_running_loop(), []

    def change(old: bytes) -> bytes:
        if not calls:
            asyncio.run_coroutine_threadsafe(table.destroy(2, [KeyRef(0, 5)]), loop).result(60)
        calls.append(old)
        return old[: HEAD.size] + old[HEAD.size :].replace(bytes(KEY_BYTES), b"D" * KEY_BYTES)

    await table.rewrap(change, lambda done, pages: None)
    (found,) = (await table.pages(2, [0])).values()
    assert 2 == len(calls)
    assert b"D" * KEY_BYTES == found[HEAD.size + 5 * KEY_BYTES :][:KEY_BYTES]


async def test_an_old_page_is_in_no_file_after_the_rewrite(own_redis: RedisProcess) -> None:
    """The append-only file has the page until keys of it are destroyed, and not after the rewrite that follows."""
    table = RedisKeyTable(own_redis.url, "t", rewrite_delay_s=0)
    secret = page(1)
    await table.add_pages([secret])
    own = secret[HEAD.size + 7 * KEY_BYTES :][:KEY_BYTES]
    assert _held(own_redis, own)
    await table.destroy(1, [KeyRef(0, 7)])
    await table.rewritten()
    assert not _held(own_redis, own)
    assert _held(own_redis, secret[HEAD.size :][:KEY_BYTES])
    await table.close()


async def test_a_rewrite_that_was_interrupted_is_continued_at_the_next_start(own_redis: RedisProcess) -> None:
    """A process that ended before the rewrite leaves a mark, by which the next one rewrites the file."""
    async with redis_store(own_redis.url, rewrite_delay_s=3600) as store:
        await store.enroll(enrolment("anna"))
        key = (await backend_of(store).identity()).key("anna")
        before = (await table_of(store).pages(key.partition, [0]))[0]
        await store.delete("anna", "r", "d")
    assert _held(own_redis, before)
    async with redis_store(own_redis.url, rewrite_delay_s=0) as store:
        await store.ping()
        await table_of(store).rewritten()
        assert not _held(own_redis, before)
    async with Redis.from_url(own_redis.url) as client:
        assert [] == [key async for key in client.scan_iter() if key.endswith(b"rewriting")]


async def test_a_server_that_keeps_no_file_needs_no_rewrite(own_redis: RedisProcess) -> None:
    """Nothing is asked of it, and the mark is removed."""
    own_redis.stop()
    own_redis.start("--appendonly", "no")
    table = RedisKeyTable(own_redis.url, "t", demands=Demands(allow_unsafe=True), rewrite_delay_s=0)
    await table.add_pages([page(1)])
    await table.destroy(1, [KeyRef(0, 7)])
    await table.rewritten()
    async with Redis.from_url(own_redis.url) as client:
        assert 0 == await client.exists("{t.p0001}:rewriting")
    await table.close()


async def test_an_erased_subject_is_sealed_for_good(
    own_redis: RedisProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The file from before the erasure, put beside the key table of after it, opens nothing of the subject."""
    other = RedisProcess(tmp_path_factory.mktemp("keys"))
    other.start()
    try:
        async with redis_store(own_redis.url, table_url=other.url) as store:
            await store.enroll(enrolment("anna"))
            await store.enroll(enrolment("ben"))
            saved = tmp_path_factory.mktemp("saved") / "files"
            own_redis.save(saved)
            own_redis.start()
            await store.delete("anna", "r", "d")
            own_redis.restore(saved)
            own_redis.start()
            with pytest.raises((RecordUnreadable, SubjectNotFound)):
                await store.get("anna")
            assert "ben" == (await store.get("ben")).subject_id
    finally:
        other.stop()


async def test_keys_are_rotated_while_subjects_are_enrolled(own_redis: RedisProcess) -> None:
    """All subjects can be read afterwards, also those enrolled meanwhile and those of before."""
    async with redis_store(own_redis.url, rewrite_delay_s=0) as store:
        await asyncio.gather(*(store.enroll(enrolment(f"a{number}")) for number in range(20)))
        identity = await backend_of(store).identity()
        data_keys = DataKeys(store.table, store.encryption, identity.store_id, identity.partition_count)
        await asyncio.gather(
            Rotation(store.table, data_keys, store.encryption).rotate(),
            *(store.enroll(enrolment(f"b{number}")) for number in range(20)),
        )
        await store.close_idle()
        found = await store.get_many([f"{letter}{number}" for letter in "ab" for number in range(20)])
        assert 40 == len(found)


async def test_a_key_table_that_is_down_is_unavailable(own_redis: RedisProcess) -> None:
    """Every call raises StoreUnavailable."""
    table = RedisKeyTable(own_redis.url, "t")
    await table.put_header(await header(), b"")
    own_redis.stop()
    for call in (
        table.header(),
        table.put_header(b"a", b"b"),
        table.add_pages([page(0)]),
        table.pages(0, [0]),
        table.destroy(0, [KeyRef(0, 0)]),
        table.rewrap(lambda old: old, lambda done, pages: None),
    ):
        with pytest.raises(StoreUnavailable):
            await call
    await table.close()


def _held(server: RedisProcess, secret: bytes) -> bool:
    return any(secret in file.read_bytes() for file in server.files.iterdir())
