"""Fixtures that open each kind of backend on data of its own for each test."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gallery.store.backend import Backend, StoreIdentity
from gallery.store.redis.backend import RedisBackend
from gallery.store.sqlite.backend import SqliteBackend
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.redis.groups import RedisCluster
from tests.support.redis_process import RedisProcess

OpenBackend = Callable[[], Backend]
"""Opens another object on the store of this test, which has 4 partitions."""


@pytest.fixture
def open_memory() -> OpenBackend:
    """Opens the fake."""
    backend = MemoryBackend()
    return lambda: backend


@pytest.fixture
async def open_sqlite_backend(tmp_path: Path) -> AsyncIterator[OpenBackend]:
    """Opens SqliteBackends on one file."""
    opened: list[SqliteBackend] = []

    def open_one() -> SqliteBackend:
        opened.append(SqliteBackend(tmp_path / "store.db", partition_count=4))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()


@pytest.fixture
async def open_redis_backend(redis_process: RedisProcess) -> AsyncIterator[OpenBackend]:
    """Opens RedisBackends in one namespace of a server."""
    async for opener in redis_backends(redis_process.url):
        yield opener


@pytest.fixture
async def open_cluster_backend(redis_cluster: RedisCluster) -> AsyncIterator[OpenBackend]:
    """Opens RedisBackends in one namespace of a cluster."""
    async for opener in redis_backends(redis_cluster.url):
        yield opener


async def redis_backends(url: str) -> AsyncIterator[OpenBackend]:
    """Gives a function that opens RedisBackends in one namespace, and closes them afterwards."""
    opened: list[RedisBackend] = []
    namespace = uuid.uuid4().hex

    def open_one() -> RedisBackend:
        opened.append(RedisBackend(url, namespace, partition_count=4))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()


@pytest.fixture(params=["memory", "sqlite_backend", "redis_backend", "cluster_backend"])
def open_backend(request: pytest.FixtureRequest) -> OpenBackend:
    """Opens backends of one kind; every test that uses this fixture runs on all kinds."""
    opener: OpenBackend = request.getfixturevalue(f"open_{request.param}")
    return opener


@pytest.fixture
def backend(open_backend: OpenBackend) -> Backend:
    """One empty backend."""
    return open_backend()


@pytest.fixture
async def identity(backend: Backend) -> StoreIdentity:
    """What the backend of this test was made with."""
    return await backend.identity()
