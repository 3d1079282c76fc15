"""Redis servers that are down, full, wiped or of another schema give named errors and leave nothing half-written."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from biometrics.errors import ConfigurationInvalid, FieldInvalid, StoreUnavailable
from gallery.store.redis.connections.access import Access
from gallery.store.tokens import partitions_of
from gallery.store.writing.keyring import Keyring
from tests.support.builders import content, enrolment
from tests.support.redis.stores import backend_of, redis_store
from tests.support.redis_process import RedisProcess


async def test_redis_writes_nothing_when_it_is_full(own_redis: RedisProcess) -> None:
    """A server out of memory refuses the whole write, and a repetition succeeds when memory is free."""
    async with redis_store(own_redis.url) as store, Redis.from_url(own_redis.url) as client:
        await store.enroll(enrolment("anna"))
        before = await content(store)
        wanted = enrolment("ben", galleries=("g",), request_id="r")
        await client.config_set("maxmemory", "1")
        with pytest.raises(StoreUnavailable):
            await store.enroll(wanted)
        await client.config_set("maxmemory", "0")
        assert before == await content(store)
        assert not (await store.enroll(wanted)).replayed


async def test_redis_erases_when_it_is_full(own_redis: RedisProcess) -> None:
    """A server out of memory removes a subject and destroys its key, so that the store is not unavailable for it."""
    async with redis_store(own_redis.url) as store, Redis.from_url(own_redis.url) as client:
        await store.enroll(enrolment("anna"))
        identity = await store.backend.identity()
        (rows,) = await store.backend.read([identity.key("anna")], (), encounters=False)
        assert rows is not None
        await client.config_set("maxmemory", "1")
        await store.delete("anna", "r", "d")
        assert not await store.backend.key_slots()
        assert not await Keyring(store.backend, store.keys_of).exists(identity, rows.key, rows.head)
        await store.ping()


async def test_feed_positions_rise_when_the_clock_of_redis_is_set_back(own_redis: RedisProcess) -> None:
    """Entries that were written while the clock was ahead come before those that are written afterwards."""
    async with redis_store(own_redis.url) as store, Redis.from_url(own_redis.url) as client:
        first = (await store.enroll(enrolment("anna"))).token
        (partition,) = partitions_of(first)
        await client.xadd(f"{{biofusion.p{partition:04}}}:feed", {"k": "PUT", "n": "x", "m": "00000001"}, id="9" * 15)
        second = (await store.enroll(enrolment("anna", encounter_id="e2", create_subject=False))).token
        assert store.reached(second, first)
        assert not store.reached(first, second)
        await store.check(first, second)
        assert second == (await store.changes(first, 5, 0))[-1].token


async def test_redis_that_is_down_is_unavailable_and_works_again_when_it_is_back(own_redis: RedisProcess) -> None:
    """Every call raises StoreUnavailable while the server is down; afterwards the same store object works."""
    async with redis_store(own_redis.url) as store:
        position = await store.position()
        own_redis.stop()
        calls = (
            store.ping,
            store.position,
            lambda: store.get("anna"),
            lambda: store.list(5),
            lambda: store.enroll(enrolment("anna")),
            lambda: store.delete("anna", "r", "d"),
            lambda: store.changes(position, 5, 0),
        )
        outcomes = await asyncio.gather(*(call() for call in calls), return_exceptions=True)
        assert [StoreUnavailable] * len(calls) == [type(outcome) for outcome in outcomes]
        own_redis.start()
        await store.enroll(enrolment("anna"))
        assert 1 == await store.count()


async def test_redis_that_dies_wakes_a_waiting_reader_with_an_error(own_redis: RedisProcess) -> None:
    """A reader that waits for changes gets an error when the server dies."""
    async with redis_store(own_redis.url) as store:
        waiting = asyncio.create_task(store.changes(await store.position(), 5, 30))
        own_redis.stop()
        with pytest.raises(StoreUnavailable):
            await waiting


async def test_a_wiped_redis_is_another_store(own_redis: RedisProcess) -> None:
    """Tokens from before the loss are refused, so that no index takes the new feed for a continuation of the old."""
    async with redis_store(own_redis.url) as store:
        old = (await store.enroll(enrolment("anna"))).token
        own_redis.wipe()
        own_redis.start()
        new = (await store.enroll(enrolment("ben"))).token
        assert ["ben"] == [each.subject_id for each in (await store.list_summaries(5)).subjects]
        with pytest.raises(FieldInvalid):
            await store.changes(old, 10, 0)
        with pytest.raises(FieldInvalid):
            store.reached(new, old)


@pytest.mark.parametrize(("version", "advice"), [("4.00000000.64.00.00000000", "newer program")])
async def test_a_newer_redis_schema_is_refused(own_redis: RedisProcess, version: str, advice: str) -> None:
    """A namespace of a newer schema version is refused with that version."""
    async with Redis.from_url(own_redis.url) as client, redis_store(own_redis.url) as store:
        await client.set("{biofusion.p0000}:store", version)
        with pytest.raises(ConfigurationInvalid, match=advice) as caught:
            await store.ping()
        assert {"schema_version": version[0]} == caught.value.metadata


@pytest.mark.parametrize("value", ["1.00000000", "2.00000000.00"])
async def test_an_earlier_redis_schema_must_be_migrated(own_redis: RedisProcess, value: str) -> None:
    """A store without partitions is refused with the command that migrates it, and nothing is written beside it."""
    async with Redis.from_url(own_redis.url) as client, redis_store(own_redis.url) as store:
        await client.set("{biofusion}:store", value)
        with pytest.raises(ConfigurationInvalid, match="biofusion gallery migrate"):
            await store.ping()
        assert 1 == await client.dbsize()


async def test_a_wrong_redis_password_is_unavailable_and_not_repeated(own_redis: RedisProcess, tmp_path: Path) -> None:
    """The message says what to check and does not contain the password."""
    own_redis.stop()
    own_redis.start("--requirepass", "right")
    password = tmp_path / "password"
    password.write_text("wrong\n")
    async with redis_store(own_redis.url, access=Access(password_file=str(password))) as store:
        with pytest.raises(StoreUnavailable, match="BIOFUSION_REDIS_PASSWORD_FILE") as caught:
            await store.ping()
        assert "wrong" not in str(caught.value)
        password.write_text("right\n")
        await store.ping()


async def test_receipts_of_redis_have_a_time_to_live(own_redis: RedisProcess) -> None:
    """The server forgets a request id after the time to live, and nothing else."""
    async with redis_store(own_redis.url, receipt_ttl_s=60) as store, Redis.from_url(own_redis.url) as client:
        await store.enroll(enrolment("anna", request_id="r"))
        left_ms = {key: await client.pttl(key) async for key in client.scan_iter()}
        assert [":request:"] == [
            ":request:" for key, left in left_ms.items() if b":request:" in key and 0 < left <= 60_000
        ]
        assert {-1} == {left for key, left in left_ms.items() if b":request:" not in key}


async def test_all_keys_of_a_partition_share_one_hash_tag(own_redis: RedisProcess) -> None:
    """All keys of a namespace are of one of its partitions, and two namespaces do not affect each other."""
    async with redis_store(own_redis.url, "one") as store, redis_store(own_redis.url, "two") as other:
        await store.enroll(enrolment("anna"))
        async with Redis.from_url(own_redis.url) as client:
            tags = {key.split(b":")[0] async for key in client.scan_iter()}
        assert {f"{{one.p{partition:04}}}".encode() for partition in range(4)} == tags
        assert 0 == await other.count()


async def test_a_store_keeps_its_number_of_partitions(own_redis: RedisProcess) -> None:
    """Another number is refused with both; 0 takes the store's."""
    async with redis_store(own_redis.url, partition_count=4) as store:
        await store.ping()
    async with redis_store(own_redis.url, partition_count=8) as other:
        with pytest.raises(ConfigurationInvalid, match="4 partitions, and BIOFUSION_PARTITION_COUNT says 8"):
            await other.ping()
    async with redis_store(own_redis.url, partition_count=0) as same:
        assert 4 == await same.partition_count()


async def test_a_store_that_was_half_made_is_completed(own_redis: RedisProcess) -> None:
    """A process that ended while it made the store leaves no store; the next one makes the same one to its end."""
    async with redis_store(own_redis.url) as store:
        made = await backend_of(store).identity()
    async with Redis.from_url(own_redis.url) as client:
        value = await client.get("{biofusion.p0000}:store")
        await client.set("{biofusion.p0000}:making", value)
        await client.delete("{biofusion.p0000}:store", "{biofusion.p0000}:tail", "{biofusion.p0003}:store")
        await client.delete("{biofusion.p0003}:tail")
        async with redis_store(own_redis.url) as store:
            assert made == await backend_of(store).identity()
            await store.ping()
        assert 0 == await client.exists("{biofusion.p0000}:making")


async def test_many_processes_make_one_store(own_redis: RedisProcess) -> None:
    """Several that begin at once find the same identity."""
    opened = [redis_store(own_redis.url) for _ in range(8)]
    stores = [await each.__aenter__() for each in opened]
    found = await asyncio.gather(*(backend_of(each).identity() for each in stores), return_exceptions=True)
    identities = [each for each in found if not isinstance(each, StoreUnavailable)]
    assert {identities[0]} == set(identities)
    assert {identities[0]} == {await backend_of(each).identity() for each in stores}
    for each in opened:
        await each.__aexit__(None, None, None)


async def test_scripts_that_the_server_has_forgotten_are_sent_again(own_redis: RedisProcess) -> None:
    """A server whose scripts were flushed carries out the next write."""
    async with redis_store(own_redis.url) as store, Redis.from_url(own_redis.url) as client:
        await store.enroll(enrolment("anna"))
        await client.script_flush()
        await store.enroll(enrolment("ben"))
        assert 2 == await store.count()


async def test_writes_that_wait_share_a_round_trip(own_redis: RedisProcess) -> None:
    """64 writes at once need far fewer writes of the append-only file than 64 one after another."""
    async with redis_store(own_redis.url, partition_count=1) as store, Redis.from_url(own_redis.url) as client:
        await store.enroll(enrolment("first"))
        (before,) = [int((await client.info("stats"))["total_net_input_bytes"])]
        reads = int((await client.info("stats"))["total_reads_processed"])
        await asyncio.gather(*(store.enroll(enrolment(f"s{n}")) for n in range(64)))
        stats = await client.info("stats")
        assert int(stats["total_net_input_bytes"]) > before
        assert int(stats["total_reads_processed"]) - reads < 32
        assert 65 == await store.count()
