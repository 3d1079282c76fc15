"""k8s/components/redis-cluster: six real servers with its files are made a cluster by its script, and find it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from gallery.store.options import StoreOptions
from gallery.store.redis.connections.access import Access, Demands
from infra.settings import Settings
from tests.support.builders import enrolment
from tests.support.kubernetes import ROOT, Manifests, render
from tests.support.redis.from_manifests import DeployedRedis, ran
from tests.support.redis.groups import waited_for
from tests.support.redis.stores import redis_store
from tests.support.redis_process import free_port

SCRIPTS = ROOT / "k8s" / "components" / "redis-cluster"
PASSWORD = "fromTheSecret"
FASTER = ("--cluster-node-timeout", "1000", "--cluster-announce-hostname", "localhost")


@pytest.fixture
def manifests() -> Manifests:
    """What is sent to a cluster for production."""
    return render("overlays/production")


@pytest.fixture
def servers(manifests: Manifests, tmp_path: Path) -> Iterator[list[DeployedRedis]]:
    """Running servers that do not know each other."""
    made = [DeployedRedis(manifests, tmp_path / pod) for pod in manifests.pods("redis")]
    for each in made:
        started(each)
    yield made
    for each in made:
        each.process.stop()


def started(server: DeployedRedis) -> None:
    """Start a server with a port of its own for the others."""
    server.start(*FASTER, "--cluster-port", str(free_port()))


def admin(server: DeployedRedis) -> Redis:
    """A client of one server that may do everything."""
    return Redis(port=server.process.port, username="admin", password=PASSWORD, decode_responses=True)


def formed(servers: list[DeployedRedis], folder: Path) -> None:
    """Run the script, as the Job does."""
    nodes = [f"localhost:{each.process.port}" for each in servers]
    assert 6 == len(ran(SCRIPTS / "form.sh", folder, *nodes, password=PASSWORD).splitlines())


def shape(server: DeployedRedis) -> dict[str, tuple[str, ...]]:
    """Port of each primary with slots → ports of its replicas, as one server knows them."""
    with admin(server) as client:
        lines = [each.split() for each in client.execute_command("CLUSTER NODES", target_nodes=None)]
    raise NotImplementedError(lines)


def test_a_primary_answers_for_its_slots_without_the_others(manifests: Manifests) -> None:
    """A part of the store that is down does not stop the others, and no primary writes without its replica."""
    lines = manifests.files("redis")["/cluster/cluster.conf"].splitlines()
    assert {"cluster-enabled yes", "cluster-require-full-coverage no", "min-replicas-to-write 1"} <= set(lines)
    options = StoreOptions.of(Settings.from_environment(manifests.environment("face")))
    assert (1, 1) == (options.redis_replicas, options.redis_min_replicas)


def test_servers_are_apart(manifests: Manifests) -> None:
    """No two servers are on one machine, and one at a time is moved."""
    (rule,) = manifests.pod("redis")["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert manifests.labels("redis") == rule["labelSelector"]["matchLabels"]
    assert "kubernetes.io/hostname" == rule["topologyKey"]
    budget = manifests.of_kind("PodDisruptionBudget")["redis"]["spec"]
    assert (1, manifests.labels("redis")) == (budget["maxUnavailable"], budget["selector"]["matchLabels"])


def test_the_job_forms_the_servers_of_the_stateful_set(manifests: Manifests) -> None:
    """The script gets the name of every pod, and the password by which it may form a cluster."""
    script, *nodes = manifests.container("redis-form")["command"][1:]
    assert (SCRIPTS / "form.sh").read_text() == manifests.files("redis-form")[script]
    assert [f"{pod}.redis.biofusion.svc.cluster.local:6379" for pod in manifests.pods("redis")] == nodes
    for node in nodes:
        assert ("redis", 6379) == manifests.behind(*node.split(":")[:1], 6379)
    assert {"REDISCLI_AUTH": PASSWORD} == manifests.environment("redis-form")
    assert manifests.of_kind("Service")["redis"]["spec"]["publishNotReadyAddresses"]
