"""The manifests in k8s/ against the code's settings, ports, contracts and drain time."""

from __future__ import annotations

import base64
import importlib
import json
import urllib.parse
from pathlib import Path

import pytest
import redis

from gallery.sealing.key_file import KeyFile
from infra.settings import PORTS, Settings
from tests.support.kubernetes import NAME, Manifests, expand, render
from tests.support.redis_process import RedisProcess

MATCHING = ("face", "fingerprint", "iris")


@pytest.fixture(params=["base", "overlays/kind"])
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


@pytest.mark.parametrize("workload", [*PORTS, "redis"])
def test_pods_have_no_rights(manifests, workload):
    """No pod runs as root, gains rights, writes to its image, or holds a token for the cluster."""
    pod, container = manifests.pod(workload), manifests.container(workload)
    assert pod["securityContext"]["runAsNonRoot"]
    assert 0 != pod["securityContext"]["runAsUser"]
    assert {"type": "RuntimeDefault"} == pod["securityContext"]["seccompProfile"]
    assert not pod["automountServiceAccountToken"]
    assert not pod["enableServiceLinks"]
    assert {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    } == container["securityContext"]
    assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
    assert {"requests", "limits"} == set(container["resources"])


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
    """Each service's store URL carries the password, leads to Redis, and the policies let it through."""
    url = urllib.parse.urlsplit(settings_of(manifests, room).store)
    assert url.password == manifests.environment("redis")["REDIS_PASSWORD"]
    assert ("redis", manifests.port("redis")) == manifests.behind(url.hostname, url.port)
    assert manifests.connects(manifests.labels(room), "redis")


def test_nobody_else_gets_in(manifests):
    """Besides those edges only fusion can be reached, by any pod."""
    stranger = {NAME: "stranger"}
    allowed = {
        (source, target)
        for source in manifests.workloads()
        for target in manifests.workloads()
        if manifests.connects(manifests.labels(source), target)
    }
    wanted = {("fusion", target) for target in MATCHING} | {(source, "redis") for source in PORTS}
    assert wanted == allowed
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


def named(secrets, name):
    """The full name of a Secret, to which kustomize adds a hash of its content."""
    (found,) = (each for each in secrets if each.startswith(f"{name}-"))
    return found


def test_base_needs_a_password():
    """The base has no password of its own; the kind overlay makes one, and all pods use that Secret."""
    assert {} == render("base").of_kind("Secret")
    kind = render("overlays/kind")
    secret = named(kind.of_kind("Secret"), "redis")
    for workload in kind.workloads():
        sources = [variable.get("valueFrom", {}) for variable in kind.container(workload)["env"]]
        assert {secret} == {source["secretKeyRef"]["name"] for source in sources if "secretKeyRef" in source}


@pytest.mark.parametrize("room", PORTS)
async def test_services_find_the_key_that_seals(tmp_path, room):
    """The key file that the settings name is in a volume of the Secret, and it is one that the services can read."""
    kind = render("overlays/kind")
    path = Path(settings_of(kind, room).key_file)
    (mount,) = (each for each in kind.container(room)["volumeMounts"] if each["mountPath"] == str(path.parent))
    (volume,) = (each for each in kind.pod(room)["volumes"] if each["name"] == mount["name"])
    secret = kind.of_kind("Secret")[named(kind.of_kind("Secret"), "sealing")]
    assert secret["metadata"]["name"] == volume["secret"]["secretName"]
    (tmp_path / "key").write_bytes(base64.b64decode(secret["data"][path.name]))
    assert "k1" == await KeyFile(tmp_path / "key", may_make=False).current()


def test_kind_runs_local_images():
    """The kind overlay runs one pod of each image that was built on this machine, and pulls none."""
    kind = render("overlays/kind")
    for room in PORTS:
        assert f"biofusion/{room}:dev" == kind.container(room)["image"]
        assert "Never" == kind.container(room)["imagePullPolicy"]
        assert 1 == kind.workloads()[room]["spec"]["replicas"]


def test_redis_runs_with_these_arguments(manifests, tmp_path):
    """A real server takes the arguments, asks for the password, and fsyncs each write before it answers."""
    environment = manifests.environment("redis")
    arguments = [expand(each, environment) for each in manifests.container("redis")["args"]]
    assert "--dir /data" == arguments.pop(0)
    server = RedisProcess(tmp_path)
    server.start(*arguments)
    try:
        with redis.Redis(port=server.port, password=environment["REDISCLI_AUTH"]) as client:
            kept = client.config_get("append*", "maxmemory-policy", "save")
        with redis.Redis(port=server.port) as client, pytest.raises(redis.AuthenticationError):
            client.ping()
    finally:
        server.stop()
    assert {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "save": ""} == {
        key: kept[key] for key in ("appendonly", "appendfsync", "maxmemory-policy", "save")
    }
