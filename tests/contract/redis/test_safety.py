"""Redis servers that may lose acknowledged writes are refused, or accepted by a setting and reported."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis

import gallery.store.redis.connections.node
from biometrics.errors import ConfigurationInvalid, StoreUnavailable, StoreUnsafe
from gallery.store.open_store import check_store
from gallery.store.redis.connections.access import Access, Demands
from tests.support.builders import enrolment
from tests.support.redis.stores import redis_store
from tests.support.redis_process import RedisProcess

UNSAFE = [
    (("--appendonly", "no"), "appendonly yes"),
    (("--appendfsync", "everysec"), "appendfsync always"),
    (("--appendfsync", "no"), "appendfsync always"),
    (("--no-appendfsync-on-rewrite", "yes"), "no-appendfsync-on-rewrite no"),
    (("--maxmemory-policy", "allkeys-lru"), "maxmemory-policy noeviction"),
    (("--maxmemory-policy", "volatile-ttl", "--maxmemory", "1gb"), "maxmemory-policy noeviction"),
    (("--replicaof", "127.0.0.1", "1"), "replica"),
]
ACCEPTED = Demands(allow_unsafe=True)


@pytest.fixture
async def limited(own_redis: RedisProcess, tmp_path: Path) -> Access:
    """A user that may not read the configuration."""
    async with Redis.from_url(own_redis.url) as client:
        commands = ["+@all", "-config", "-bgrewriteaof"]
        await client.acl_setuser("limited", enabled=True, passwords=["+word"], keys=["*"], commands=commands)
    password = tmp_path / "password"
    password.write_text("word")
    return Access("limited", str(password))


async def test_a_server_that_would_not_load_its_transactions_is_refused(
    own_redis: RedisProcess, tmp_path: Path
) -> None:
    """It loads its file as the user `default`, which has no rights; with rights, and switched off, it is accepted."""
    password = tmp_path / "password"
    password.write_text("word")
    access = Access("other", str(password))
    async with Redis.from_url(own_redis.url) as client:
        await client.acl_setuser("other", enabled=True, passwords=["+word"], keys=["*"], commands=["+@all"])
        await client.acl_setuser("default", reset=True)
    async with redis_store(own_redis.url, access=access) as store:
        with pytest.raises(StoreUnsafe, match="leaves out transactions"):
            await store.enroll(enrolment("anna"))
    async with Redis.from_url(own_redis.url, username="other", password="word") as client:
        await client.acl_setuser("default", enabled=False, keys=["*"], commands=["+@all"])
    async with redis_store(own_redis.url, access=access) as store:
        await store.enroll(enrolment("anna"))


@pytest.mark.parametrize(("options", "named"), UNSAFE, ids=lambda value: "".join(value)[:30])
async def test_an_unsafe_server_is_refused_by_name(
    own_redis: RedisProcess, options: tuple[str, ...], named: str
) -> None:
    """An unsafe server is refused before anything is written, and the message says what to set."""
    own_redis.stop()
    own_redis.start(*options)
    async with redis_store(own_redis.url) as store:
        for call in (store.ping(), store.enroll(enrolment("anna")), check_store(store)):
            with pytest.raises(StoreUnsafe, match=named) as caught:
                await call
        assert "BIOFUSION_ALLOW_UNSAFE_STORE=true" in caught.value.message
        assert isinstance(caught.value, ConfigurationInvalid)
    async with Redis.from_url(own_redis.url) as client:
        assert 0 == await client.dbsize()


@pytest.mark.parametrize(("options", "named"), UNSAFE[:-1], ids=lambda value: "".join(value)[:30])
async def test_an_unsafe_server_is_accepted_by_a_setting_and_reported(
    own_redis: RedisProcess, caplog: pytest.LogCaptureFixture, options: tuple[str, ...], named: str
) -> None:
    """With the setting it works, and the risk is logged once by store and key table, and kept with the store."""
    own_redis.stop()
    own_redis.start(*options)
    with caplog.at_level(logging.WARNING):
        async with redis_store(own_redis.url, demands=ACCEPTED) as store:
            await store.enroll(enrolment("anna"))
            await store.ping()
            assert [True] == [named in doubt for doubt in store.doubts]
    assert 2 == caplog.text.count("may lose what it has acknowledged")


async def test_a_server_that_comes_back_unsafe_is_refused(own_redis: RedisProcess) -> None:
    """A connection that replaces a broken one is checked before anything is sent over it."""
    async with redis_store(own_redis.url) as store:
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


async def test_a_server_that_becomes_unsafe_while_it_is_in_use_is_refused(
    own_redis: RedisProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that becomes unsafe is refused on existing connections, and works again when it is safe again."""
    monkeypatch.setattr(gallery.store.redis.connections.node, "CHECK_S", 0.0)
    async with redis_store(own_redis.url) as store, Redis.from_url(own_redis.url) as admin:
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


async def test_a_server_that_hides_its_configuration_is_refused(own_redis: RedisProcess, limited: Access) -> None:
    """If the user may not read the configuration, the server cannot be known to be safe and is refused."""
    async with redis_store(own_redis.url, access=limited) as store:
        with pytest.raises(StoreUnsafe, match="BIOFUSION_REDIS_SYNC_IS_MANAGED"):
            await store.ping()


async def test_a_provider_may_state_that_it_syncs(own_redis: RedisProcess, limited: Access) -> None:
    """With the statement a server that hides its configuration is used, also if it keeps no file that it tells of."""
    own_redis.stop()
    own_redis.start("--appendonly", "no")
    async with Redis.from_url(own_redis.url) as client:
        await client.acl_setuser(
            "limited", enabled=True, passwords=["+word"], keys=["*"], commands=["+@all", "-config"]
        )
    async with redis_store(own_redis.url, access=limited, demands=Demands(sync_is_managed=True)) as store:
        await store.enroll(enrolment("anna"))
        assert () == store.doubts


async def test_the_statement_is_not_believed_of_a_server_that_tells(own_redis: RedisProcess) -> None:
    """A server whose configuration can be read must sync each write, whatever is stated."""
    own_redis.stop()
    own_redis.start("--appendfsync", "everysec")
    async with redis_store(own_redis.url, demands=Demands(sync_is_managed=True)) as store:
        with pytest.raises(StoreUnsafe, match="appendfsync always"):
            await store.ping()


async def test_a_server_that_writes_without_replicas_is_refused_if_asked_for(own_redis: RedisProcess) -> None:
    """`min-replicas-to-write` must be at least what the setting says."""
    async with redis_store(own_redis.url, demands=Demands(min_replicas=1)) as store:
        with pytest.raises(StoreUnsafe, match="min-replicas-to-write 1"):
            await store.ping()


async def test_a_frozen_server_is_unavailable_at_once_for_those_that_come_later(own_redis: RedisProcess) -> None:
    """A server that accepts connections and answers nothing ends running calls, and works again when it goes on."""
    async with redis_store(own_redis.url) as store:
        await store.enroll(enrolment("anna"))
        os.kill(own_redis.pid, signal.SIGSTOP)
        try:
            calls = [store.enroll(enrolment("ben", request_id="r")), store.count(), store.position()]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert [StoreUnavailable] * 3 == [type(each) for each in outcomes]
            with pytest.raises(StoreUnavailable, match="refused until it does"):
                await store.count()
        finally:
            os.kill(own_redis.pid, signal.SIGCONT)
        await asyncio.wait_for(_answering(store.ping), 60)
        await store.enroll(enrolment("ben", request_id="r"))
        assert 2 == await store.count()


async def test_a_store_that_is_down_may_come_up_later(own_redis: RedisProcess) -> None:
    """A service that starts before its store keeps running and uses it later."""
    own_redis.stop()
    async with redis_store(own_redis.url) as store:
        await check_store(store)
        own_redis.start()
        await store.enroll(enrolment("anna"))


async def _answering(call) -> None:
    while True:
        try:
            return await call()
        except StoreUnavailable:
            await asyncio.sleep(0)
