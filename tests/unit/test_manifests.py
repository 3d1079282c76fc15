"""The manifests in k8s/ against the code's settings, ports, contracts and drain time."""

from __future__ import annotations

import importlib
import json
import urllib.parse
from pathlib import Path

import pytest

from gallery.store.redis.connections.address import Address
from infra.settings import PORTS
from tests.support.kubernetes import CALLERS, NAME, Manifests, render, settings_of

MATCHING = ("face", "fingerprint", "iris")
HEALTH = 50060


@pytest.fixture(params=["base", "overlays/kind", "overlays/production"])
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """What is sent to a cluster from one folder."""
    return render(request.param)


def test_each_service_of_the_code_is_deployed(manifests):
    """There is one Deployment for each service that the code has a port for."""
    assert set(PORTS) == set(manifests.of_kind("Deployment"))


@pytest.mark.parametrize("room", PORTS)
def test_ports(manifests, room):
    """A pod listens where the code listens, and its Service offers the same port."""
    assert -1 == settings_of(manifests, room).port
    assert PORTS[room] == manifests.port(room)
    assert (room, PORTS[room]) == manifests.behind(room, PORTS[room])


@pytest.mark.parametrize("room", PORTS)
def test_environment(manifests, room):
    """The settings accept each pod's environment, and the server may listen for other pods."""
    settings = settings_of(manifests, room)
    settings.check_bind()
    assert not settings.loopback
    assert settings.workers == int(manifests.container(room)["resources"]["limits"]["cpu"])


CONTRACTS = {"fusion": "biofusion.fusion.v1.decisions_pb2"}
"""Of fusion's services that which is asked whether it is ready; all three are at once."""


@pytest.mark.parametrize("room", PORTS)
def test_probes(manifests, room):
    """All ask on the health port, as they speak no TLS; only readiness asks for the service of the contract."""
    container = manifests.container(room)
    contract = importlib.import_module(CONTRACTS.get(room, f"biofusion.{room}.v1.{room}_pb2")).DESCRIPTOR
    (service,) = contract.services_by_name.values()
    assert HEALTH == settings_of(manifests, room).health_port
    assert HEALTH not in PORTS.values()
    assert {"port": HEALTH, "service": service.full_name} == container["readinessProbe"]["grpc"]
    for probe in ("livenessProbe", "startupProbe"):
        assert {"port": HEALTH} == container[probe]["grpc"]


@pytest.mark.parametrize("room", PORTS)
def test_a_pod_may_drain_to_its_end(manifests, room):
    """Kubernetes kills a pod only after the time before SIGTERM and the drain time have passed."""
    before = manifests.container(room)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert before + settings_of(manifests, room).drain_s < manifests.pod(room)["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("modality", MATCHING)
def test_fusion_reaches_the_matching_services(manifests, modality):
    """Fusion's target names a headless Service, leads to the service's port, and the policies let it through."""
    target = urllib.parse.urlsplit(getattr(settings_of(manifests, "fusion"), f"{modality}_target"))
    host, port = target.path.lstrip("/").split(":")
    assert "dns" == target.scheme
    assert (modality, PORTS[modality]) == manifests.behind(host, int(port))
    assert "None" == manifests.of_kind("Service")[modality]["spec"]["clusterIP"]
    assert manifests.connects(manifests.labels("fusion"), modality)


@pytest.mark.parametrize("room", PORTS)
def test_services_reach_the_store(manifests, room):
    """Each host of a service's store URL leads to Redis, and the policies let it through."""
    hosts = Address.parse(settings_of(manifests, room).store).hosts
    assert {("redis", manifests.port("redis"))} == {manifests.behind(*each) for each in hosts}
    assert manifests.connects(manifests.labels(room), "redis")


def test_nobody_else_gets_in(manifests):
    """Besides those edges, and those within a Redis cluster, only fusion can be reached, by any pod."""
    stranger = {NAME: "stranger"}
    allowed = {
        (source, target)
        for source in manifests.workloads()
        for target in manifests.servers()
        if manifests.connects(manifests.labels(source), target)
    }
    wanted = {("fusion", target) for target in MATCHING} | {(source, "redis") for source in PORTS}
    care = {(each, "redis") for each in manifests.workloads() if each.startswith("redis-")}
    within = {("redis", "redis")} if "redis-form" in manifests.workloads() else set()
    assert wanted | care | within == allowed
    assert [False] * 4 == [manifests.connects(stranger, target) for target in (*MATCHING, "redis")]


def test_only_labelled_namespaces_reach_fusion(manifests):
    """The policy of fusion names a label of namespaces; no other policy lets pods of other namespaces in."""
    policies = [each["spec"] for each in manifests.of_kind("NetworkPolicy").values()]
    foreign = [
        (policy["podSelector"]["matchLabels"][NAME], peer, [port["port"] for port in rule["ports"]])
        for policy in policies
        for rule in policy.get("ingress", [])
        for peer in rule["from"]
        if "podSelector" not in peer
    ]
    assert [("fusion", {"namespaceSelector": {"matchLabels": CALLERS}}, [PORTS["fusion"]])] == foreign


def test_no_pod_reaches_a_health_port(manifests):
    """It is for the kubelet: no policy names it, by its number or by its name."""
    policies = [each["spec"] for each in manifests.of_kind("NetworkPolicy").values()]
    rules = [rule for policy in policies for way in ("ingress", "egress") for rule in policy.get(way, [])]
    assert {HEALTH, "health"}.isdisjoint(port["port"] for rule in rules for port in rule["ports"])


def test_no_name_depends_on_the_namespace_or_the_domain_of_the_cluster(manifests):
    """Services are named as their namespace knows them."""
    for workload in manifests.workloads():
        words = [*manifests.environment(workload).values(), *manifests.container(workload).get("command", [])]
        assert not any("svc" in word or "cluster.local" in word for word in words)


def test_names_can_be_looked_up(manifests):
    """Every pod may ask the cluster's DNS."""
    policies = [each["spec"] for each in manifests.of_kind("NetworkPolicy").values()]
    ports = [
        sorted((port["protocol"], port["port"]) for port in rule["ports"])
        for policy in policies
        if policy["podSelector"] == {}
        for rule in policy.get("egress", [])
    ]
    assert [[("TCP", 53), ("UDP", 53)]] == ports


def test_channels_balance_over_all_pods():
    """The channel configuration balances round robin over the addresses that a headless Service gives."""
    folder = Path(importlib.import_module("biofusion.fusion.v1").__file__).parent
    config = json.loads((folder / "fusion_grpc_service_config.json").read_text())
    assert [{"round_robin": {}}] == config["loadBalancingConfig"]


def test_kind_runs_local_images():
    """The kind overlay runs one pod of each image that was built on this machine, and pulls none."""
    kind = render("overlays/kind")
    for room in PORTS:
        assert f"biofusion/{room}:dev" == kind.container(room)["image"]
        assert "Never" == kind.container(room)["imagePullPolicy"]
        assert 1 == kind.workloads()[room]["spec"]["replicas"]
