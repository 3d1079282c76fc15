"""How Redis is reached: TLS with client certificates, ACL users, Sentinels."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from biometrics.errors import ConfigurationInvalid, StoreUnavailable
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment
from tests.support.redis.groups import RedisCluster, RedisSentinel, asked, waited_for
from tests.support.redis.stores import redis_store
from tests.support.redis.tls_front import tls_front
from tests.support.redis_process import RedisProcess, free_port
from tests.support.tls import Authority, Certificate


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Signs the certificates of server and client."""
    return Authority.make(tmp_path, "authority")


@pytest.fixture
def server(authority: Authority) -> Certificate:
    """The server's certificate."""
    return authority.sign("server", "DNS:localhost,IP:127.0.0.1")


@pytest.fixture
def known(authority: Authority) -> Access:
    """A client with a certificate of the authority."""
    own = authority.sign("client", "DNS:client")
    return Access(authority=str(authority.certificate), certificate=str(own.certificate), key=str(own.key))


@pytest.fixture
async def tls_url(own_redis: RedisProcess, authority: Authority, server: Certificate) -> AsyncIterator[str]:
    """URL of a server that takes clients with a certificate of the authority only."""
    port = free_port()
    async with tls_front(port, own_redis.port, authority, server):
        yield f"rediss://localhost:{port}/0"


async def test_a_store_over_tls(tls_url: str, known: Access) -> None:
    """A client with the right certificates writes and reads."""
    async with redis_store(tls_url, access=known) as store:
        await store.enroll(enrolment("anna"))
        assert 1 == await store.count()


async def test_certificates_that_do_not_fit_are_unavailable(tls_url: str, known: Access, tmp_path: Path) -> None:
    """No TLS, no client certificate, and a server that another authority signed: nothing is sent."""
    stranger = Authority.make(tmp_path, "stranger")
    for address, access in (
        (tls_url.replace("rediss", "redis"), Access()),
        (tls_url, Access(authority=known.authority)),
        (tls_url, Access(authority=str(stranger.certificate), certificate=known.certificate, key=known.key)),
        (tls_url.replace("localhost", "localhost.localdomain"), known),
    ):
        async with redis_store(address, access=access) as store:
            with pytest.raises(StoreUnavailable):
                await store.ping()


async def test_a_missing_file_of_tls_is_named(tls_url: str, tmp_path: Path) -> None:
    """The message names the file and the settings."""
    access = Access(authority=str(tmp_path / "nowhere.pem"))
    async with redis_store(tls_url, access=access) as store:
        with pytest.raises(ConfigurationInvalid, match=r"nowhere\.pem.*BIOFUSION_REDIS_TLS"):
            await store.ping()


async def test_a_cluster_over_tls(tmp_path: Path, authority: Authority, server: Certificate, known: Access) -> None:
    """Every node of a cluster is reached by TLS, at the port that the cluster states."""
    cluster = RedisCluster(tmp_path / "cluster", is_behind=True)
    cluster.start()
    try:
        fronts = AsyncExitStack()
        for listen, node in zip(cluster.announced, cluster.nodes, strict=True):
            await fronts.enter_async_context(tls_front(listen, node.port, authority, server))
        async with redis_store(cluster.url.replace("redis+", "rediss+"), access=known, partition_count=16) as store:
            await asyncio.gather(*(store.enroll(enrolment(f"s{number}")) for number in range(20)))
            assert 20 == await store.count()
        await fronts.aclose()
    finally:
        cluster.stop()


async def test_an_acl_user_needs_no_more_than_the_documented_commands(
    own_redis: RedisProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A user with the keys of the namespace and these commands enrols, reads and erases; the password is not logged."""
    commands = ["-@all", "+@read", "+@write", "+@scripting", "+@connection", "+info", "+config|get", "+bgrewriteaof"]
    async with Redis.from_url(own_redis.url) as client:
        keys = ["{biofusion*"]
        await client.acl_setuser("biofusion", enabled=True, passwords=["+pass word"], keys=keys, commands=commands)
        await client.acl_setuser("default", enabled=False)
    password = tmp_path / "password"
    password.write_text("pass word\n")
    access = Access("biofusion", str(password))
    with caplog.at_level(logging.DEBUG):
        async with redis_store(own_redis.url, access=access, rewrite_delay_s=0.01) as store:
            await store.enroll(enrolment("anna"))
            assert 1 == await store.count()
            await store.delete("anna", "r", "d")
        assert "pass word" not in caplog.text


@pytest.mark.parametrize(("content", "reason"), [(None, "FileNotFoundError"), ("", "empty"), ("\nword", "empty")])
async def test_a_password_file_without_a_password_is_named(
    own_redis: RedisProcess, tmp_path: Path, content: str | None, reason: str
) -> None:
    """The message names the setting."""
    path = tmp_path / "password"
    if content is not None:
        path.write_text(content)
    async with redis_store(own_redis.url, access=Access(password_file=str(path))) as store:
        with pytest.raises(ConfigurationInvalid, match=f"BIOFUSION_REDIS_PASSWORD_FILE.*{reason}"):
            await store.ping()


async def test_a_user_needs_a_password_file(own_redis: RedisProcess) -> None:
    """A user without one is refused by name."""
    async with redis_store(own_redis.url, access=Access("anna")) as store:
        with pytest.raises(ConfigurationInvalid, match="needs BIOFUSION_REDIS_PASSWORD_FILE"):
            await store.ping()


async def test_a_store_follows_the_primary_that_a_sentinel_names(tmp_path: Path) -> None:
    """After the primary is killed, the replica takes over, and all that a replica confirmed is there."""
    group = RedisSentinel(tmp_path)
    group.start()
    try:
        demands = Demands(replicas=1, confirm_s=60)
        async with redis_store(group.url, demands=demands) as store:
            await asyncio.gather(*(store.enroll(enrolment(f"s{number}")) for number in range(50)))
        async with redis_store(group.url) as store:
            assert 50 == await store.count()
            group.primary.stop()
            await acknowledged(store, "after")
            assert 51 == await store.count()
    finally:
        group.stop()


async def test_a_primary_that_comes_back_after_it_was_replaced_gets_no_write(tmp_path: Path) -> None:
    """The old primary takes writes until a Sentinel demotes it; they would be lost, so none is sent to it."""
    group = RedisSentinel(tmp_path)
    group.start()
    try:
        async with redis_store(group.url, demands=Demands(replicas=1, confirm_s=60)) as store:
            await store.enroll(enrolment("before"))
        async with redis_store(group.url) as store:
            await store.ping()
            group.primary.stop()
            waited_for(lambda: b"role:master" in asked(group.replica.port, "INFO", "replication"))
            waited_for(lambda: group.named() == group.replica.port)
            group.primary.start()
            await acknowledged(store, "after")
        async with redis_store(group.replica.url, demands=Demands(allow_unsafe=True)) as replica:
            assert 2 == await replica.count()
    finally:
        group.stop()


async def acknowledged(store: PartitionedStore, subject_id: str) -> None:
    """Enrol a subject as soon as the store is available."""
    while True:
        try:
            await store.enroll(enrolment(subject_id, request_id=subject_id))
        except StoreUnavailable:
            continue
        return


async def test_a_sentinel_that_does_not_know_the_name_says_so(tmp_path: Path) -> None:
    """The message names the name that is wrong; a Sentinel that is down is UNAVAILABLE."""
    group = RedisSentinel(tmp_path)
    group.start()
    try:
        async with redis_store(group.url.replace("/store/", "/other/")) as store:
            with pytest.raises(ConfigurationInvalid, match="no primary of the name 'other'"):
                await store.ping()
    finally:
        group.stop()
    async with redis_store(group.url) as store:
        with pytest.raises(StoreUnavailable, match="No Sentinel says where the store is"):
            await store.ping()
