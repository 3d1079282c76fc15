"""The manifests in k8s/ against the code's settings, ports, contracts and drain time."""

from __future__ import annotations

import importlib
import json
import urllib.parse
from pathlib import Path

import pytest

from gallery.store.redis.connections.address import Address
from infra.settings import PORTS, Settings
from tests.support.kubernetes import NAME, Manifests, render

MATCHING = ("face", "fingerprint", "iris")


@pytest.fixture(params=["base", "overlays/kind", "overlays/production"])
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """What is sent to a cluster from one folder."""
    return render(request.param)


def settings_of(manifests: Manifests, room: str) -> Settings:
    """What a service makes of its pod's environment."""
    return Settings.from_environment(manifests.environment(room))


def test_each_service_of_the_code_is_deployed(manifests):
    """There is one Deployment for each service that the code has a port for."""
    assert set(PORTS) == set(manifests.of_kind("Deployment"))


@pytest.mark.parametrize("room", PORTS)
def test_ports(manifests, room):
    """A pod listens where the code listens, and its Service offers the same port."""
    host = f"{room}.biofusion.svc.cluster.local"
    assert -1 == settings_of(manifests, room).port
    assert PORTS[room] == manifests.port(room)
    assert (room, PORTS[room]) == manifests.behind(host, PORTS[room])


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
    """Readiness asks for the service of the contract; liveness and start-up ask for nothing that a store decides."""
    container = manifests.container(room)
    contract = importlib.import_module(CONTRACTS.get(room, f"biofusion.{room}.v1.{room}_pb2")).DESCRIPTOR
    (service,) = contract.services_by_name.values()
    assert {"port": PORTS[room], "service": service.full_name} == container["readinessProbe"]["grpc"]
    for probe in ("livenessProbe", "startupProbe"):
        assert {"port": PORTS[room]} == container[probe]["grpc"]


@pytest.mark.parametrize("room", PORTS)
def test_a_pod_may_drain_to_its_end(manifests, room):
    """Kubernetes kills a pod only after the time before SIGTERM and the drain time have passed."""
    before = manifests.container(room)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert before + settings_of(manifests, room).drain_s < manifests.pod(room)["terminationGracePeriodSeconds"]


def test_pods_have_no_rights(manifests):
    """No pod runs as root, gains rights, writes to its image, or holds a token for the cluster."""
    pods = [manifests.pod(workload) for workload in manifests.workloads()]
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert 0 != pod["securityContext"]["runAsUser"]
        assert {"type": "RuntimeDefault"} == pod["securityContext"]["seccompProfile"]
        assert not pod["automountServiceAccountToken"]
        assert not pod["enableServiceLinks"]
    for container in (each for pod in pods for each in pod["containers"] + pod.get("initContainers", [])):
        assert {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        } == container["securityContext"]
        assert {"requests", "limits"} == set(container["resources"])
    for workload in manifests.servers():
        assert "/tmp" in {mount["mountPath"] for mount in manifests.container(workload)["volumeMounts"]}


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
    within = {("redis", "redis"), ("redis-form", "redis")} if "redis-form" in manifests.workloads() else set()
    assert wanted | within == allowed
    assert [False] * 4 == [manifests.connects(stranger, target) for target in (*MATCHING, "redis")]


@pytest.mark.parametrize("room", PORTS)
def test_fusion_is_open_to_every_namespace(manifests, room):
    """The policy lets pods of any namespace in at fusion, and at no other service."""
    policies = [each["spec"] for each in manifests.of_kind("NetworkPolicy").values()]
    open_to_all = [
        policy["podSelector"]["matchLabels"][NAME]
        for policy in policies
        for rule in policy.get("ingress", [])
        if {"namespaceSelector": {}} in rule["from"]
    ]
    assert (room == "fusion") == (room in open_to_all)


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
