"""A Ray cluster of two machines on loopback, and indexes over it."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'biofusion[cluster]'")

from gallery.cluster.importable import Importable  # noqa: E402
from gallery.cluster.placement import Needs  # noqa: E402
from gallery.cluster.ray_index import RayIndex, Sharding  # noqa: E402
from gallery.store.subject_store import PartitionedStore  # noqa: E402
from tests.support.cluster_store import Held, cluster_store  # noqa: E402
from tests.support.fakes.comparators import VectorComparator  # noqa: E402

ROOT = Path(__file__).parents[2]
MEMORY = 80 * 2**20
CPUS = 4

NewIndex = Callable[..., Awaitable[RayIndex[Any]]]


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Any]:
    """Two machines, and this process joined to them."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415

    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "gen")])
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    head = {"num_cpus": CPUS, "include_dashboard": False, "object_store_memory": MEMORY}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=CPUS, object_store_memory=MEMORY)
    ray.init(address=cluster.address, namespace="biofusion", log_to_driver=False, configure_logging=False)
    yield cluster
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def held(ray_cluster: Any) -> Iterator[str]:
    """Name of an actor with an empty store."""
    name = f"store-{uuid.uuid4().hex}"
    actor = ray.remote(Held).options(name=name, num_cpus=0).remote(8)
    yield name
    ray.kill(actor)


@pytest.fixture
def cluster_store_(held: str) -> PartitionedStore:
    """An empty store of 8 partitions, shared by all processes of the cluster."""
    return cluster_store(held)


@pytest.fixture
async def new_index(held: str, cluster_store_: PartitionedStore) -> AsyncIterator[NewIndex]:
    """Makes indexes of 2 shards with 2 replicas each, and ends them."""
    made: list[RayIndex[Any]] = []

    async def make(comparator: Any = VectorComparator, shard_count: int = 2, **options: Any) -> RayIndex[Any]:
        sharding = Sharding(
            "auto",
            shard_count,
            Needs(cpus=0.1),
            Importable("tests.support.cluster_store:cluster_store", {"actor": held}),
            Importable(f"tests.support.fakes.comparators:{comparator.__name__}"),
            Importable("tests.support.part_index:part_index", options),
            **{name: value for name, value in options.items() if name == "exhaustive_rows"},
        )
        index = RayIndex(cluster_store_, comparator(), sharding)
        made.append(index)
        async with asyncio.timeout(60):
            await index.start()
        return index

    yield make
    for each in made:
        await each.close()
