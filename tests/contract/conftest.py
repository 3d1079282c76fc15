"""Fixtures that open both kinds of store on separate data for each test."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gallery.store.port import SubjectStore
from gallery.store.redis.store import RedisStore
from gallery.store.rules import FEED_LENGTH
from gallery.store.sqlite.store import SqliteStore
from tests.support.redis_process import RedisProcess

OpenStore = Callable[..., SubjectStore]
"""Opens another store object on the data of this test, with the given `feed_length` or the default."""


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    """A Redis server shared by tests that leave it running; each test uses its own namespace."""
    process = RedisProcess(tmp_path_factory.mktemp("redis"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisProcess]:
    """A Redis server for one test, which may stop it."""
    process = RedisProcess(tmp_path)
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def open_sqlite(tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens SqliteStores on one file."""
    opened: list[SqliteStore] = []

    def open_one(feed_length: int = FEED_LENGTH) -> SqliteStore:
        opened.append(SqliteStore(tmp_path / "store.db", feed_length=feed_length))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def open_redis(redis_process: RedisProcess) -> AsyncIterator[OpenStore]:
    """Opens RedisStores in one namespace."""
    opened: list[RedisStore] = []
    namespace = uuid.uuid4().hex

    def open_one(feed_length: int = FEED_LENGTH) -> RedisStore:
        opened.append(RedisStore(redis_process.url, namespace, feed_length=feed_length))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture(params=["sqlite", "redis"])
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens stores of one kind; every test that uses this fixture runs on both kinds."""
    opener: OpenStore = request.getfixturevalue(f"open_{request.param}")
    return opener


@pytest.fixture
def store(open_store: OpenStore) -> SubjectStore:
    """One empty store."""
    return open_store()
