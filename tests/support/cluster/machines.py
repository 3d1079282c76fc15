"""A Ray cluster of several machines, all on loopback, each in processes of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

ROOT = Path(__file__).parents[3]
OBJECT_BYTES = 80 * 2**20
"""Ray's least size of a machine's object store, rounded up: the index keeps nothing there."""
CPUS = 4
"""CPUs that each machine says it has."""


@contextmanager
def machines(count: int) -> Iterator[Cluster]:
    """A cluster of so many machines, which this process has joined; ended on exit."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "gen")])
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    os.environ["RAY_DEDUP_LOGS"] = "0"
    head = {"num_cpus": CPUS, "include_dashboard": False, "object_store_memory": OBJECT_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args=head)  # type: ignore[no-untyped-call]
    try:
        for _ in range(1, count):
            add_machine(cluster)
        ray.init(address=cluster.address, namespace="biofusion", log_to_driver=False, configure_logging=False)
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()  # type: ignore[no-untyped-call]


def add_machine(cluster: Cluster) -> Any:
    """Add a machine, in the main thread, as Ray sets a signal handler."""
    return cluster.add_node(num_cpus=CPUS, object_store_memory=OBJECT_BYTES)  # type: ignore[no-untyped-call]
