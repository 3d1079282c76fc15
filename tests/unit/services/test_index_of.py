"""services.assembly.index_of: where a service's index is."""

from __future__ import annotations

import sys

import pytest

from gallery.cluster.messages import Importable
from gallery.index.exact import ExactIndex
from infra.extras import advice
from infra.settings import Settings
from services.assembly import index_of
from services.face.comparator import FaceComparator
from tests.support.fakes.memory_store import MemoryStore

CLUSTER = Settings(ray_address="head:6379", ray_shards=3, ray_cpus=1.5)


def test_without_a_cluster_it_is_in_the_service() -> None:
    """By default the references are in the service's own memory."""
    assert isinstance(index_of(FaceComparator(), MemoryStore(), Settings(), 4096, 1000), ExactIndex)


def test_with_a_cluster_it_is_in_shards() -> None:
    """The shards make the same comparator, by its name, and have as many threads as CPUs."""
    ray_index = pytest.importorskip("gallery.cluster.ray_index", reason="Ray is not installed")
    index = index_of(FaceComparator(), MemoryStore(), CLUSTER, 512, 1000)
    assert isinstance(index, ray_index.RayIndex)
    sharding = index._sharding
    assert (3, 2, 512, 1000, 2) == (
        sharding.shard_count,
        sharding.needs.replicas,
        sharding.segment_size,
        sharding.exhaustive_rows,
        sharding.threads,
    )
    assert isinstance(sharding.comparator.make(), FaceComparator)
    assert Importable("services.shard_store:shard_store") == sharding.store


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """If Ray is not installed, the error says which extra to install."""
    for module in [each for each in sys.modules if each.startswith(("ray", "gallery.cluster."))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModuleNotFoundError) as raised:
        index_of(FaceComparator(), MemoryStore(), CLUSTER, 4096, 1000)
    assert "[cluster]" in (advice(raised.value) or "")
