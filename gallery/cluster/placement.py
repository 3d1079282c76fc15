"""Starts the replicas of a shard on different machines, and ends them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.placement_group import placement_group, placement_group_table, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from gallery.cluster.messages import ShardSpec
from gallery.cluster.replicas import Replica, ShardReplicas
from gallery.cluster.shard import Shard

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 1000
"""Most calls of one actor that are in work together; its threads limit the searches."""


@dataclass(frozen=True)
class Needs:
    """What one replica of a shard needs.

    Args:
        cpus: number of CPUs that Ray reserves for it.
        memory_bytes: memory that Ray reserves for it; 0: none.
        replicas: number of replicas of each shard, 1 or more.
    """

    cpus: float = 1.0
    memory_bytes: int = 0
    replicas: int = 2

    @property
    def bundle(self) -> dict[str, float]:
        """As resources of Ray."""
        return {"CPU": self.cpus, **({"memory": float(self.memory_bytes)} if self.memory_bytes else {})}


def nodes_up() -> list[str]:
    """Ids of the machines of the cluster that are up and have CPUs."""
    return [node["NodeID"] for node in _nodes() if node["Alive"] and node["Resources"].get("CPU")]


def _nodes() -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return nodes


def started(number: int, spec: ShardSpec, needs: Needs, leaving: Collection[str] = ()) -> ShardReplicas:
    """Start a shard; it is placed as soon as there is room.

    Its replicas are on different machines if there are enough; else as many as possible are.

    Args:
        number: of the shard.
        spec: what it is made of.
        needs: what each replica needs.
        leaving: machines that it is not placed on.
    """
    room = [node for node in nodes_up() if node not in leaving]
    selector = {"ray.io/node-id": f"!in({','.join(leaving)})"} if leaving else {}
    group = placement_group(
        [needs.bundle] * needs.replicas,
        strategy="STRICT_SPREAD" if len(room) >= needs.replicas else "SPREAD",
        bundle_label_selector=[selector] * needs.replicas if leaving else None,
    )
    actors = [
        ray.remote(Shard)
        .options(
            num_cpus=needs.cpus,
            memory=needs.memory_bytes or None,
            max_restarts=-1,
            max_task_retries=0,
            max_concurrency=CALLS_AT_ONCE,
            scheduling_strategy=PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=place),
        )
        .remote(spec)
        for place in range(needs.replicas)
    ]
    return ShardReplicas(number, spec.partitions, [Replica(actor) for actor in actors], group)


def places(shard: ShardReplicas) -> Sequence[str]:
    """Ids of the machines that hold or will hold the replicas; fewer if some are not placed yet."""
    table: dict[str, Any] = placement_group_table(shard.group)
    return [node for node in table["bundles_to_node_id"].values() if node]


def end(shard: ShardReplicas) -> None:
    """End all replicas, and give back their room."""
    for replica in shard.replicas:
        ray.kill(replica.actor, no_restart=True)
    try:
        remove_placement_group(shard.group)
    except RayError as error:
        log.warning("The room of shard %d was not given back: %s", shard.number, type(error).__name__)
