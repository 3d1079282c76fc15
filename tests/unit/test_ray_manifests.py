"""The manifests of the Ray cluster: the fields of KubeRay's RayCluster, its pods, and how the services reach it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import Settings
from tests.support.kubernetes import NAME, Manifests, render, with_components

VALIDATE = Path(sys.executable).with_name("kubernetes-validate")
MATCHING = ("face", "fingerprint", "iris")
SERVICES = (*MATCHING, "fusion")
FIELDS = {
    "spec": ({"headGroupSpec"}, {"rayVersion", "gcsFaultToleranceOptions", "workerGroupSpecs"}),
    "gcsFaultToleranceOptions": ({"redisAddress"}, {"redisPassword", "redisUsername", "externalStorageNamespace"}),
    "headGroupSpec": ({"rayStartParams", "template"}, {"serviceType", "headService", "enableIngress"}),
    "workerGroupSpecs": (
        {"groupName", "minReplicas", "maxReplicas", "rayStartParams", "template"},
        {"replicas", "numOfHosts", "scaleStrategy", "idleTimeoutSeconds"},
    ),
}
"""Fields of ray.io/v1 RayCluster by KubeRay 1.3's types: those that are needed, and others that are allowed."""
PORT_FLAGS = ("node-manager-port", "object-manager-port", "min-worker-port", "max-worker-port")


@pytest.fixture
def manifests() -> Manifests:
    """What is sent to a cluster."""
    return render("overlays/ray")


@pytest.fixture
def cluster(manifests: Manifests) -> dict[str, Any]:
    """The spec of the only RayCluster."""
    (found,) = manifests.of_kind("RayCluster").values()
    assert "ray.io/v1" == found["apiVersion"]
    return found["spec"]


def groups(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    """The head group and the worker groups."""
    return [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]


def cpus(group: dict[str, Any]) -> float:
    """CPUs that Ray may give to shards on each machine of a group."""
    (container,) = group["template"]["spec"]["containers"]
    return float(group["rayStartParams"].get("num-cpus", container["resources"]["limits"]["cpu"]))


def test_fields_are_those_of_a_ray_cluster(cluster):
    """Every field is known to KubeRay, and none that it needs is missing; start parameters are texts."""
    parts = [("spec", cluster), ("gcsFaultToleranceOptions", cluster["gcsFaultToleranceOptions"])]
    parts += [("headGroupSpec", cluster["headGroupSpec"])]
    parts += [("workerGroupSpecs", each) for each in cluster["workerGroupSpecs"]]
    for name, part in parts:
        needed, allowed = FIELDS[name]
        assert needed <= set(part)
        assert set() == set(part) - needed - allowed
    for group in groups(cluster):
        assert all(isinstance(each, str) for each in group["rayStartParams"].values())
    for group in cluster["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


def test_pods_are_valid(cluster, tmp_path):
    """Each pod template is a valid pod of Kubernetes."""
    for number, group in enumerate(groups(cluster)):
        pod = {"apiVersion": "v1", "kind": "Pod", **group["template"]}
        pod["metadata"] = {"name": f"pod-{number}", **pod["metadata"]}
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump(pod))
        command = [str(VALIDATE), "--strict", "-k", "1.34", str(file)]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        assert 0 == finished.returncode, finished.stdout + finished.stderr
        assert "WARN" not in finished.stdout + finished.stderr


def test_pods_have_no_rights(manifests, cluster):
    """No pod of the cluster, and no Ray process beside a service, runs as root, gains rights or writes to its image."""
    pods = [group["template"]["spec"] for group in groups(cluster)]
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
    containers = [each for pod in pods for each in pod["containers"]]
    containers += [each for room in SERVICES for each in manifests.pod(room)["initContainers"]]
    for container in containers:
        assert {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        } == container["securityContext"]
        assert {"/tmp", "/dev/shm"} <= {mount["mountPath"] for mount in container["volumeMounts"]}


@pytest.mark.parametrize("room", SERVICES)
def test_services_join_the_cluster(manifests, cluster, room):
    """A service is told the head's address, and the Ray process beside it joins there with the cluster's ports."""
    settings = Settings.from_environment(manifests.environment(room))
    (name,) = manifests.of_kind("RayCluster")
    assert f"{name}-head-svc:6379" == settings.ray_address
    assert room == "fusion" or 1 == manifests.workloads()[room]["spec"]["replicas"]
    assert f"registry.example/biofusion/sharded-{room}" == manifests.container(room)["image"].partition("@")[0]
    (beside,) = manifests.pod(room)["initContainers"]
    assert "Always" == beside["restartPolicy"]
    flags = dict(each[2:].split("=") for each in beside["command"] if "=" in each)
    assert ("0", settings.ray_address) == (flags["num-cpus"], flags["address"])
    for group in groups(cluster):
        assert {flag: group["rayStartParams"][flag] for flag in PORT_FLAGS} == {
            flag: flags[flag] for flag in PORT_FLAGS
        }
    shared = {mount["mountPath"] for mount in manifests.container(room)["volumeMounts"]}
    assert {"/tmp", "/dev/shm"} <= shared


def test_there_is_room_for_all_shards_and_jobs(manifests, cluster):
    """The machines have CPUs for all replicas of all services, and as many machines as a shard has replicas."""
    every = [Settings.from_environment(manifests.environment(room)) for room in MATCHING]
    fusion = Settings.from_environment(manifests.environment("fusion"))
    jobs = manifests.workloads()["fusion"]["spec"]["replicas"] * fusion.job_ray_workers * fusion.ray_cpus
    assert jobs > 0
    needed = sum(each.ray_shards * each.ray_replicas * each.ray_cpus for each in every) + jobs
    workers = cluster["workerGroupSpecs"]
    assert needed <= sum(group["replicas"] * cpus(group) for group in workers)
    assert max(each.ray_replicas for each in every) <= sum(group["minReplicas"] for group in workers)
    assert 0.0 == cpus(cluster["headGroupSpec"])


def test_shards_open_the_store_of_the_services(manifests, cluster):
    """The settings of the cluster's pods are accepted, and name the same store as those of the services."""
    wanted = {each["name"]: each for each in manifests.container("face")["env"] if "STORE" in each["name"]}
    for group in groups(cluster):
        (container,) = group["template"]["spec"]["containers"]
        own = {each["name"]: each for each in container["env"]}
        assert wanted == {name: own.get(name) for name in wanted}


def test_the_policies_let_them_through(manifests, cluster):
    """The cluster's pods and the services reach each other on Ray's ports, and the first reach store and matching."""
    shards = cluster["headGroupSpec"]["template"]["metadata"]["labels"]
    policies = manifests.of_kind("NetworkPolicy")
    (members,) = policies["shards"]["spec"]["podSelector"]["matchExpressions"]
    assert {*SERVICES, shards[NAME]} == set(members["values"])
    (rule,) = policies["shards"]["spec"]["ingress"]
    ports = {each["port"]: each.get("endPort", each["port"]) for each in rule["ports"]}
    start = cluster["headGroupSpec"]["rayStartParams"]
    assert {6379, int(start["node-manager-port"]), int(start["object-manager-port"])} <= set(ports)
    assert int(start["max-worker-port"]) == ports[int(start["min-worker-port"])]
    assert all(manifests.connects(shards, each) for each in ("redis", *MATCHING))
    assert not manifests.connects(shards, "fusion")


def test_files_of_jobs_are_on_the_machines_that_work_on_them(tmp_path):
    """With the component of jobs, the machines have the folders that the fusion service hands on."""
    manifests = with_components(tmp_path, "ray", "jobs")
    (cluster,) = manifests.of_kind("RayCluster").values()
    (group,) = cluster["spec"]["workerGroupSpecs"]
    pod = group["template"]["spec"]
    mounts = {each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert manifests.environment("fusion")["BIOFUSION_JOB_FOLDERS"] == mounts["job-files"]
    assert volumes["job-files"]["persistentVolumeClaim"]["claimName"] in manifests.of_kind("PersistentVolumeClaim")
    assert "job-files" not in str(cluster["spec"]["headGroupSpec"])
