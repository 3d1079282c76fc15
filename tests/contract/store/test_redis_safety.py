"""Redis servers that may lose acknowledged writes are refused, or accepted by a setting and reported."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import gallery.store.redis.server
import pytest
from gallery.store.redis.store import RedisStore
from redis.asyncio import Redis

from biometrics.errors import ConfigurationInvalid, StoreUnavailable, StoreUnsafe
from gallery.store.open_store import check_store
from tests.support.builders import enrolment
from tests.support.redis_process import RedisProcess

Start = Callable[..., None]

UNSAFE = [
    (("--appendonly", "no"), "appendonly yes"),
    (("--appendfsync", "everysec"), "appendfsync always"),
    (("--appendfsync", "no"), "appendfsync always"),
    (("--no-appendfsync-on-rewrite", "yes"), "no-appendfsync-on-rewrite no"),
    (("--maxmemory-policy", "allkeys-lru"), "maxmemory-policy noeviction"),
    (("--maxmemory-policy", "volatile-ttl", "--maxmemory", "1gb"), "maxmemory-policy noeviction"),
    (("--replicaof", "127.0.0.1", "1"), "replica"),
]


@pytest.mark.parametrize(("options", "named"), UNSAFE, ids=lambda value: "".join(value)[:30])
async def test_an_unsafe_server_is_refused_by_name(
    own_redis: RedisProcess, options: tuple[str, ...], named: str
) -> None:
    """An unsafe server is refused before anything is written, and the message says what to set."""
    own_redis.stop()
    own_redis.start(*options)
    store = RedisStore(own_redis.url)
    for call in (store.ping(), store.enroll(enrolment("anna")), check_store(store)):
        with pytest.raises(StoreUnsafe, match=named) as caught:
            await call
    assert "BIOFUSION_ALLOW_UNSAFE_STORE=true" in caught.value.message
    assert isinstance(caught.value, ConfigurationInvalid)
    async with Redis.from_url(own_redis.url) as client:
        assert 0 == await client.dbsize()
    await store.close()


@pytest.mark.parametrize(("options", "named"), UNSAFE[:-1], ids=lambda value: "".join(value)[:30])
async def test_an_unsafe_server_is_accepted_by_a_setting_and_reported(
    own_redis: RedisProcess, caplog: pytest.LogCaptureFixture, options: tuple[str, ...], named: str
) -> None:
    """With the setting it works, and the risk is logged once and kept with the store."""
    own_redis.stop()
    own_redis.start(*options)
    store = RedisStore(own_redis.url, allow_unsafe=True)
    with caplog.at_level(logging.WARNING):
        await store.enroll(enrolment("anna"))
        await store.ping()
    assert [True] == [named in doubt for doubt in store.doubts]
    assert 1 == caplog.text.count("may lose what it has acknowledged")
    await store.close()


async def test_a_server_that_comes_back_unsafe_is_refused(own_redis: RedisProcess) -> None:
    """A connection that replaces a broken one is checked before anything is sent over it."""
    store = RedisStore(own_redis.url)
    await store.enroll(enrolment("anna"))
    assert () == store.doubts
    own_redis.stop()
    own_redis.start("--appendfsync", "everysec")
    for number in range(5):
        with pytest.raises((StoreUnsafe, StoreUnavailable)):
            await store.enroll(enrolment(f"s{number}"))
    with pytest.raises(StoreUnsafe):
        await store.ping()
    own_redis.stop()
    own_redis.start()
    await check_store(store)
    await store.enroll(enrolment("ben"))
    assert 2 == await store.count()
    await store.close()


async def test_a_server_that_becomes_unsafe_while_it_is_in_use_is_refused(
    own_redis: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that becomes unsafe is refused on existing connections, and works again when it is safe again."""
    monkeypatch.setattr(gallery.store.redis.server, "CHECK_S", 0.0)
    store, admin = RedisStore(own_redis.url), Redis.from_url(own_redis.url)
    await store.enroll(enrolment("anna"))
    await admin.config_set("appendfsync", "everysec")

    async def read_on() -> None:
        while True:
            await store.count()

    with pytest.raises(StoreUnsafe, match="appendfsync always"):
        await asyncio.wait_for(read_on(), 60)
    with pytest.raises(StoreUnsafe):
        await store.enroll(enrolment("ben"))
    await admin.config_set("appendfsync", "always")
    await store.enroll(enrolment("ben"))
    await store.close()
    await admin.aclose()


async def test_a_server_that_hides_its_configuration_is_refused(own_redis: RedisProcess) -> None:
    """If the user may not read the configuration, the server cannot be known to be safe and is refused."""
    async with Redis.from_url(own_redis.url) as client:
        await client.acl_setuser(
            "limited", enabled=True, passwords=["+word"], keys=["*"], commands=["+@all", "-config"]
        )
    store = RedisStore(own_redis.url.replace("//", "//limited:word@"))
    with pytest.raises(StoreUnsafe, match="CONFIG GET"):
        await store.ping()
    await store.close()


async def test_a_store_that_is_down_may_come_up_later(own_redis: RedisProcess) -> None:
    """A service that starts before its store keeps running and uses it later."""
    own_redis.stop()
    store = RedisStore(own_redis.url)
    await check_store(store)
    await store.close()
