"""Stores in Redis for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf

from gallery.store.redis.backend import NAMESPACE, RedisBackend
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.redis.key_table import RedisKeyTable
from gallery.store.subject_store import PartitionedStore
from tests.support.fakes.memory_keys import MemoryKey

SEALED_WITH = MemoryKey()
"""The key of all these stores."""


@asynccontextmanager
async def redis_store(
    url: str,
    namespace: str = NAMESPACE,
    *,
    access: Access | None = None,
    demands: Demands | None = None,
    table_demands: Demands | None = None,
    table_url: str = "",
    partition_count: int = 4,
    rewrite_delay_s: float = 3600,
    receipt_ttl_s: float = 3600,
    left_s: Callable[[], float] = lambda: inf,
) -> AsyncIterator[PartitionedStore]:
    """Opens a store whose key table is in the same servers, or in another one, and closes it."""
    access, demands = access or Access(), demands or Demands()
    backend = RedisBackend(
        url,
        namespace,
        access=access,
        demands=demands,
        partition_count=partition_count,
        receipt_ttl_s=receipt_ttl_s,
        left_s=left_s,
    )
    table = RedisKeyTable(
        table_url or url,
        namespace,
        access=access,
        demands=table_demands or demands,
        left_s=left_s,
        rewrite_delay_s=rewrite_delay_s,
    )
    store = PartitionedStore(backend, table, SEALED_WITH)
    try:
        yield store
    finally:
        await store.close()


def backend_of(store: PartitionedStore) -> RedisBackend:
    """The backend of such a store."""
    assert isinstance(store.backend, RedisBackend)
    return store.backend


def table_of(store: PartitionedStore) -> RedisKeyTable:
    """The key table of such a store."""
    assert isinstance(store.table, RedisKeyTable)
    return store.table
