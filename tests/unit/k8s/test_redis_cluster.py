"""k8s/components/redis-cluster: six real servers with its files are made a cluster by its script, and find it again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis import Redis

from gallery.store.options import StoreOptions
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.subject_store import PartitionedStore
from infra.settings import Settings
from tests.support.builders import enrolment
from tests.support.kubernetes import ROOT, Manifests, with_components
from tests.support.redis.from_manifests import DeployedRedis, ran
from tests.support.redis.groups import waited_for
from tests.support.redis.stores import redis_store
from tests.support.redis_process import free_port

SCRIPTS = ROOT / "k8s" / "components" / "redis-cluster"
PASSWORD = "fromTheSecret"
HOST = "127.0.0.1"


@pytest.fixture
def manifests(tmp_path: Path) -> Manifests:
    """What is sent to a cluster, without TLS, which the servers of the tests do not have."""
    (tmp_path / "overlay").mkdir()
    return with_components(tmp_path / "overlay", "redis-cluster")


class Servers:
    """The six servers of the StatefulSet, each with a port of its own for the others.

    Args:
        manifests: where they are deployed.
        folder: for all their files.
    """

    def __init__(self, manifests: Manifests, folder: Path) -> None:
        self._folder = folder
        self.all = [DeployedRedis(manifests, folder / pod) for pod in manifests.pods("redis")]
        self._buses = [str(free_port()) for _ in self.all]
        self.ports = [each.process.port for each in self.all]

    def start(self, number: int) -> None:
        """Start one."""
        fast = ("--cluster-node-timeout", "1000", "--cluster-announce-hostname", HOST)
        self.all[number].start(*fast, "--cluster-port", self._buses[number])

    def form(self) -> None:
        """Run the script, as the Job does."""
        nodes = [f"{HOST}:{port}" for port in self.ports]
        ran(SCRIPTS / "form.sh", self._folder, *nodes, password=PASSWORD)

    def shape(self, asked: int) -> list[list[int]]:
        """Per primary with slots its number and those of its replicas, as one server knows those that are up."""
        lines = [line.split() for line in self._asked(asked, "NODES").splitlines()]
        up = [line for line in lines if "fail" not in line[2] and "connected" == line[7]]
        number = {line[0]: self.ports.index(int(line[1].split("@")[0].split(":")[-1])) for line in up}
        return sorted(
            [number[line[0]], *sorted(number[each[0]] for each in up if each[3] == line[0])]
            for line in up
            if "master" in line[2] and len(line) > 8
        )

    def is_whole(self) -> bool:
        """Whether every server is ready, and knows the same three primaries with a replica each."""
        first, *others = [self.shape(number) for number in range(len(self.all))]
        ready = all("cluster_state:ok" in self._asked(number, "INFO") for number in range(len(self.all)))
        return ready and [2, 2, 2] == [len(each) for each in first] and all(each == first for each in others)

    def _asked(self, number: int, command: str) -> str:
        with Redis(port=self.ports[number], username="admin", password=PASSWORD, decode_responses=True) as client:
            client.response_callbacks.clear()
            return str(client.execute_command("CLUSTER", command))

    @asynccontextmanager
    async def store(self, manifests: Manifests) -> AsyncIterator[PartitionedStore]:
        """A store in them, opened as the services do."""
        options = StoreOptions.of(Settings.from_environment(manifests.environment("face")))
        password = self._folder / "password"
        password.write_text(PASSWORD)
        demands = Demands(replicas=options.redis_replicas, min_replicas=options.redis_min_replicas, confirm_s=60)
        url = "redis+cluster://" + ",".join(f"{HOST}:{port}" for port in self.ports[:3])
        async with redis_store(url, access=Access(options.redis_user, str(password)), demands=demands) as store:
            yield store


@pytest.fixture
def servers(manifests: Manifests, tmp_path: Path) -> Iterator[Servers]:
    """Running servers that do not know each other."""
    made = Servers(manifests, tmp_path)
    try:
        for number in range(len(made.all)):
            made.start(number)
        yield made
    finally:
        for each in made.all:
            each.process.stop()


async def test_the_script_forms_a_cluster_that_finds_itself_again(manifests: Manifests, servers: Servers) -> None:
    """Three primaries with a replica each keep a store, after a second run and when all have other addresses."""
    servers.form()
    waited_for(servers.is_whole)
    shape = servers.shape(0)
    assert [0, 1, 2] == [primary for primary, _ in shape]
    async with servers.store(manifests) as store:
        for number in range(8):
            await store.enroll(enrolment(f"s{number}"))
        servers.form()
        assert 8 == await store.count()
    assert shape == servers.shape(5)
    for each in servers.all:
        each.process.stop()
    for number, each in enumerate(servers.all):
        nodes = each.data / "nodes.conf"  # before a server starts, the script writes the others' present addresses
        nodes.write_text(nodes.read_text().replace(f" {HOST}:", " 127.0.0.9:"))
        ran(SCRIPTS / "addresses.sh", each.data, str(nodes))
        servers.start(number)
    waited_for(servers.is_whole)
    async with servers.store(manifests) as store:
        assert 8 == await store.count()


async def test_a_server_that_lost_its_volume_becomes_a_replica(manifests: Manifests, servers: Servers) -> None:
    """When the replica of a lost primary has taken over, the script gives it the empty server as its replica."""
    servers.form()
    waited_for(servers.is_whole)
    async with servers.store(manifests) as store:
        await store.enroll(enrolment("anna"))
    (heir,) = [replica for primary, replica in servers.shape(1) if primary == 0]
    lost = servers.all[0]
    lost.process.wipe()
    (lost.data / "nodes.conf").unlink()
    waited_for(lambda: [heir] in servers.shape(1))
    servers.start(0)
    servers.form()
    waited_for(servers.is_whole)
    assert [heir, 0] in servers.shape(1)
    async with servers.store(manifests) as store:
        assert 1 == await store.count()


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
    *_, words = manifests.container("redis-form")["command"]
    assert (SCRIPTS / "form.sh").read_text() == manifests.files("redis-form")[words.split()[2]]
    assert {"/config/cli.sh", "/secrets/redis/admin-password"} <= set(manifests.files("redis-form"))
    nodes = manifests.environment("redis-form")["SERVERS"].split()
    assert [f"{pod}.redis:6379" for pod in manifests.pods("redis")] == nodes
    for node in nodes:
        assert ("redis", 6379) == manifests.behind(*node.split(":")[:1], 6379)
    assert manifests.of_kind("Service")["redis"]["spec"]["publishNotReadyAddresses"]
