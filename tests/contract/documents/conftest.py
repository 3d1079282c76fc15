"""Fixtures that open each kind of documents on data of its own for each test."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gallery.store.backend import Backend
from gallery.store.documents.port import Documents
from gallery.store.redis.backend import RedisBackend
from gallery.store.sqlite.backend import SqliteBackend
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.redis.groups import RedisSentinel

OpenBackend = Callable[[], Backend]
"""Opens another object on the store of this test, which has 4 partitions."""


@pytest.fixture(scope="session")
def redis_sentinel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSentinel]:
    """A primary and its replica, named by a Sentinel."""
    group = RedisSentinel(tmp_path_factory.mktemp("sentinel"))
    group.start()
    yield group
    group.stop()


@pytest.fixture(params=["memory", "sqlite", "redis_process", "redis_cluster", "redis_sentinel"])
async def open_backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenBackend]:
    """Opens backends of one kind; every test that uses this fixture runs on all kinds."""
    memory, opened, namespace = MemoryBackend(), list[Backend](), uuid.uuid4().hex
    url = request.getfixturevalue(request.param).url if request.param.startswith("redis") else ""

    def open_one() -> Backend:
        if request.param == "memory":
            return memory
        if request.param == "sqlite":
            opened.append(SqliteBackend(tmp_path / "store.db", partition_count=4))
        else:
            opened.append(RedisBackend(url, namespace, partition_count=4))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()


@pytest.fixture
def documents(open_backend: OpenBackend) -> Documents:
    """The documents of one empty store."""
    return open_backend().documents
