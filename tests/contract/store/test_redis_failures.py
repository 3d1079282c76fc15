"""Redis servers that are down, full, wiped or of another schema give named errors and leave nothing half-written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from biometrics.errors import ConfigurationInvalid, FieldInvalid, StoreUnavailable
from gallery.store.keyed_names import subject_name
from gallery.store.port import SubjectStore
from gallery.store.redis.keys import Keys
from gallery.store.redis.store import RedisStore
from gallery.store.values import START
from tests.support.builders import content, enrolment, reference
from tests.support.redis_process import RedisProcess

OpenStore = Callable[..., SubjectStore]

SECRET = [1234.5, 2345.5, 3456.5, 4567.5]
"""Values of a template that occur nowhere else."""


async def test_redis_writes_nothing_when_it_is_full(own_redis: RedisProcess) -> None:
    """A server out of memory refuses the whole transaction, and a repetition succeeds when memory is free."""
    store = RedisStore(own_redis.url)
    await store.enroll(enrolment("anna"))
    before = await content(store)
    wanted = enrolment("ben", galleries=("g",), request_id="r")
    async with Redis.from_url(own_redis.url) as client:
        await client.config_set("maxmemory", "1")
        with pytest.raises(StoreUnavailable):
            await store.enroll(wanted)
        await client.config_set("maxmemory", "0")
    assert before == await content(store)
    assert not (await store.enroll(wanted)).replayed
    await store.close()


async def test_redis_that_is_down_is_unavailable_and_works_again_when_it_is_back(own_redis: RedisProcess) -> None:
    """Every call raises StoreUnavailable while the server is down; afterwards the same store object works."""
    store = RedisStore(own_redis.url)
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
    await store.close()


async def test_redis_that_dies_wakes_a_waiting_reader_with_an_error(own_redis: RedisProcess) -> None:
    """A reader that waits for changes gets an error when the server dies."""
    store = RedisStore(own_redis.url)
    waiting = asyncio.create_task(store.changes(await store.position(), 5, 30))
    own_redis.stop()
    with pytest.raises(StoreUnavailable):
        await waiting
    await store.close()


async def test_a_wiped_redis_is_another_store(own_redis: RedisProcess) -> None:
    """Tokens from before the loss are refused, so that no index takes the new feed for a continuation of the old."""
    store = RedisStore(own_redis.url)
    old = (await store.enroll(enrolment("anna"))).token
    own_redis.wipe()
    own_redis.start()
    new = (await store.enroll(enrolment("ben"))).token
    with pytest.raises(FieldInvalid):
        await store.changes(old, 10, 0)
    with pytest.raises(FieldInvalid):
        store.reached(new, old)
    await store.close()


async def test_an_erased_template_is_in_no_redis_key(own_redis: RedisProcess) -> None:
    """After the deletion no key of the server contains the template's bytes, which were there before."""
    store = RedisStore(own_redis.url)
    secret = reference(SECRET)
    await store.enroll(enrolment("ben", secret))
    async with Redis.from_url(own_redis.url) as client:

        async def holders() -> list[bytes]:
            dumps = [(key, await client.dump(key) or b"") async for key in client.scan_iter()]
            return [key for key, dump in dumps if secret.template.data in dump]

        assert 1 == len(await holders())
        await store.delete("ben", "r", "d")
        assert [] == await holders()
    await store.close()


async def test_a_newer_redis_schema_is_refused(own_redis: RedisProcess) -> None:
    """A namespace of a newer schema version is refused with that version."""
    async with Redis.from_url(own_redis.url) as client:
        await client.set("{biofusion}:store", "3.00000000.00")
    store = RedisStore(own_redis.url)
    with pytest.raises(ConfigurationInvalid, match="schema version 3"):
        await store.ping()
    await store.close()


async def test_a_wrong_redis_password_is_unavailable_and_not_repeated(own_redis: RedisProcess) -> None:
    """The message says what to check and does not contain the password."""
    own_redis.stop()
    own_redis.start("--requirepass", "right")
    store = RedisStore(own_redis.url.replace("//", "//:wrong@"))
    with pytest.raises(StoreUnavailable, match="password") as caught:
        await store.ping()
    assert "wrong" not in str(caught.value)
    await store.close()


async def test_receipts_of_redis_have_a_time_to_live(own_redis: RedisProcess) -> None:
    """The server forgets a request id after the time to live."""
    store, keys = RedisStore(own_redis.url, receipt_ttl_s=60), Keys("biofusion")
    await store.enroll(enrolment("anna", request_id="r"))
    async with Redis.from_url(own_redis.url) as client:
        assert 0 < await client.pttl(keys.request("r")) <= 60_000
        assert -1 == await client.pttl(keys.named(subject_name(await store.name_key(), "anna")))
    await store.close()


async def test_all_redis_keys_share_one_hash_tag(own_redis: RedisProcess) -> None:
    """All keys of a namespace hash to one shard, and two namespaces do not affect each other."""
    store, other = RedisStore(own_redis.url, "one"), RedisStore(own_redis.url, "two")
    await store.enroll(enrolment("anna"))
    async with Redis.from_url(own_redis.url) as client:
        assert {b"{one}"} == {key.split(b":")[0] async for key in client.scan_iter()}
    assert (0, []) == (await other.count(), list(await other.changes(START, 5, 0)))
    await store.close()
    await other.close()
