"""Stores of earlier versions are refused as they are, and their content is moved by `biofusion gallery migrate`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from biometrics.errors import ConfigurationInvalid
from gallery.operations.earlier import source_of
from gallery.operations.moving import move
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.port import SubjectStore
from gallery.subject import Subject
from tests.support.builders import encounter, reference
from tests.support.redis_process import RedisProcess
from tests.support.stores.old_stores import make_redis_of_version_1, make_store_of_version_1
from tests.support.stores.sqlite_store import sqlite_store

SUBJECTS = [Subject(f"subject-{n:02}", ("a", "b"), (encounter(reference([n, 0, 0, 0])),)) for n in range(50)]


@pytest.fixture(params=["sqlite", "redis"])
async def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store as earlier programs made it."""
    if request.param == "sqlite":
        make_store_of_version_1(tmp_path / "old.db", SUBJECTS)
        return f"sqlite:///{tmp_path}/old.db"
    server: RedisProcess = request.getfixturevalue("own_redis")
    async with Redis.from_url(server.url) as client:
        await make_redis_of_version_1(client, SUBJECTS)
    return server.url


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[SubjectStore]:
    """A new store."""
    store = sqlite_store(tmp_path / "new.db")
    yield store
    await store.close()


async def test_an_earlier_store_is_refused_and_can_be_migrated(
    old_url: str, target: SubjectStore, tmp_path: Path
) -> None:
    """The error names the command; the content is moved completely, and again without writing anything twice."""
    options = StoreOptions(key_file=str(tmp_path / "key"))
    old = open_store(old_url, options)
    with pytest.raises(ConfigurationInvalid, match="biofusion gallery migrate"):
        await old.ping()
    await old.close()
    for moved, present in ((50, 0), (0, 50)):
        source = source_of(old_url, options)
        result = await move(source, target)
        await source.close()
        assert (moved, present, True) == (result.moved, result.present, result.is_complete)
    assert tuple(SUBJECTS) == (await target.list(100, gallery="a")).subjects


async def test_an_earlier_redis_with_a_password_can_be_migrated(
    own_redis: RedisProcess, target: SubjectStore, tmp_path: Path
) -> None:
    """The source is opened with the user and the password file of the options, as every store in Redis."""
    password = tmp_path / "password"
    password.write_text("pass word\n")
    async with Redis.from_url(own_redis.url) as client:
        await make_redis_of_version_1(client, SUBJECTS)
        await client.acl_setuser("reader", enabled=True, passwords=["+pass word"], keys=["*"], commands=["+@all"])
        await client.acl_setuser("default", enabled=False)
    options = StoreOptions(key_file=str(tmp_path / "key"), redis_user="reader", redis_password_file=str(password))
    source = source_of(own_redis.url, options)
    result = await move(source, target)
    await source.close()
    assert (50, 0, True) == (result.moved, result.present, result.is_complete)
