"""A Ray cluster of two machines on loopback, and indexes over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'biofusion[cluster]'")

from gallery.cluster.messages import Importable  # noqa: E402
from gallery.cluster.placement import Needs  # noqa: E402
from gallery.cluster.ray_index import RayIndex  # noqa: E402
from gallery.cluster.sharding import Sharding  # noqa: E402
from gallery.store.open_store import open_store  # noqa: E402
from gallery.store.options import StoreOptions  # noqa: E402
from gallery.store.subject_store import PartitionedStore  # noqa: E402
from tests.support.cluster.machines import machines  # noqa: E402
from tests.support.fakes.comparators import VectorComparator  # noqa: E402

NewIndex = Callable[..., Awaitable[RayIndex[Any]]]


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Any]:
    """Two machines, and this process joined to them."""
    with machines(2) as cluster:
        yield cluster


@pytest.fixture
def url(tmp_path: Path) -> str:
    """URL of the test's store."""
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def stop(tmp_path: Path) -> Path:
    """A file that keeps shards from coming up while it exists."""
    return tmp_path / "stop"


@pytest.fixture
async def store(url: str) -> AsyncIterator[PartitionedStore]:
    """An empty store of 8 partitions, which all processes of the cluster open."""
    opened = open_store(url, StoreOptions(partition_count=8))
    yield opened
    await opened.close()


@pytest.fixture
async def new_index(ray_cluster: Any, url: str, stop: Path, store: PartitionedStore) -> AsyncIterator[NewIndex]:
    """Makes indexes of 2 shards with 2 replicas each, all ready, and ends them."""
    made: list[RayIndex[Any]] = []

    async def make(comparator: Any = VectorComparator, shard_count: int = 2, **options: Any) -> RayIndex[Any]:
        sharding = Sharding(
            "auto",
            shard_count,
            Needs(cpus=0.1),
            Importable("tests.support.cluster.parts:opened", {"url": url, "stop": str(stop)}),
            Importable(f"tests.support.fakes.comparators:{comparator.__name__}"),
            **options,
        )
        index = RayIndex(store, comparator(), sharding)
        made.append(index)
        async with asyncio.timeout(60):
            await index.start()
        return index

    yield make
    for each in made:
        await each.close()
