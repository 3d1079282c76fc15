"""Fixtures that open each kind of store on separate data for each test."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gallery.sealing.key_file import KeyFile
from gallery.sealing.key_table_file import KeyTableFile
from gallery.store.redis.backend import RedisBackend
from gallery.store.redis.key_table import RedisKeyTable
from gallery.store.rules import FEED_LENGTH
from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.subject_store import PartitionedStore
from tests.support.redis.groups import RedisCluster
from tests.support.redis_process import RedisProcess

OpenStore = Callable[..., PartitionedStore]
"""Opens another store object on the data of this test, with the given `feed_length` or the default."""
PARTITIONS = 4


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    """A Redis server shared by tests that leave it running; each test uses its own namespace."""
    process = RedisProcess(tmp_path_factory.mktemp("redis"))
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    """A cluster of three servers, shared likewise."""
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisProcess]:
    """A Redis server for one test, which may stop it."""
    process = RedisProcess(tmp_path)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[RedisCluster]:
    """A cluster of three servers for one test, which may stop them."""
    cluster = RedisCluster(tmp_path)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
async def open_sqlite(tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens stores on one file."""
    opened: list[PartitionedStore] = []

    def open_one(feed_length: int = FEED_LENGTH) -> PartitionedStore:
        backend = SqliteBackend(tmp_path / "store.db", partition_count=PARTITIONS, feed_length=feed_length)
        key = KeyFile(tmp_path / "key", may_make=True)
        opened.append(PartitionedStore(backend, KeyTableFile(tmp_path / "store.db.keys"), key))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
async def open_redis(redis_process: RedisProcess, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens stores in one namespace of a server."""
    async for opener in redis_stores(redis_process.url, tmp_path):
        yield opener


@pytest.fixture
async def open_redis_cluster(redis_cluster: RedisCluster, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens stores in one namespace of a cluster."""
    async for opener in redis_stores(redis_cluster.url, tmp_path):
        yield opener


async def redis_stores(url: str, folder: Path) -> AsyncIterator[OpenStore]:
    """Gives a function that opens stores in one namespace, and closes them afterwards."""
    opened: list[PartitionedStore] = []
    namespace = uuid.uuid4().hex

    def open_one(feed_length: int = FEED_LENGTH) -> PartitionedStore:
        backend = RedisBackend(url, namespace, partition_count=PARTITIONS, feed_length=feed_length)
        key = KeyFile(folder / "key", may_make=True)
        opened.append(PartitionedStore(backend, RedisKeyTable(url, namespace), key))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture(params=["sqlite", "redis", "redis_cluster"])
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens stores of one kind; every test that uses this fixture runs on all kinds."""
    opener: OpenStore = request.getfixturevalue(f"open_{request.param}")
    return opener


@pytest.fixture
def store(open_store: OpenStore) -> PartitionedStore:
    """One empty store."""
    return open_store()
