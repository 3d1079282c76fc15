"""k8s/ as those who run a cluster expect it: rights, drains, priorities, memory, images, and reasons for exceptions."""

from __future__ import annotations

import itertools

import pytest

from infra.settings import PORTS
from tests.support.kubernetes import NAME, render, settings_of

MATCHING = ("face", "fingerprint", "iris")
EACH_DEPLOYED = ("overlays/kind", "overlays/production", "overlays/cloud", "overlays/ray")


@pytest.mark.parametrize("room", PORTS)
def test_a_drained_machine_does_not_take_a_service_away(manifests, room):
    """One pod at a time is evicted, and two are not on one machine, nor in one zone if there is another."""
    selected = {"matchLabels": {NAME: room}}
    budget = manifests.of_kind("PodDisruptionBudget")[room]["spec"]
    assert (1, selected) == (budget["maxUnavailable"], budget["selector"])
    rules = manifests.pod(room)["topologySpreadConstraints"]
    assert all(selected == rule["labelSelector"] and 1 == rule["maxSkew"] for rule in rules)
    kept = {rule["topologyKey"]: rule["whenUnsatisfiable"] for rule in rules}
    assert {"kubernetes.io/hostname": "DoNotSchedule", "topology.kubernetes.io/zone": "ScheduleAnyway"} == kept


def test_the_store_stays_before_the_services(manifests):
    """Every server has a priority, that of the store is higher, and each service runs under an account of its own."""
    values = {name: each["value"] for name, each in manifests.of_kind("PriorityClass").items()}
    of = {each: values[manifests.pod(each)["priorityClassName"]] for each in manifests.servers()}
    assert all(of["redis"] > of[room] for room in PORTS)
    accounts = {each: manifests.pod(each)["serviceAccountName"] for each in manifests.servers()}
    assert {each: each for each in accounts} == accounts
    assert not any(each["automountServiceAccountToken"] for each in manifests.of_kind("ServiceAccount").values())


def test_an_index_fits_into_its_pod(manifests):
    """A matching pod has as much memory as it may use, and its index may fill a stated share of that."""
    for room in MATCHING:
        resources = manifests.container(room)["resources"]
        assert 0 < settings_of(manifests, room).index_memory_share <= 0.5
        assert resources["limits"]["memory"].endswith("Gi")
    if "Never" not in {manifests.container(room).get("imagePullPolicy") for room in MATCHING}:
        memory = [manifests.container(room)["resources"] for room in (*MATCHING, "redis")]
        assert all(each["requests"]["memory"] == each["limits"]["memory"] for each in memory)


@pytest.mark.parametrize("folder", EACH_DEPLOYED)
def test_images_do_not_change(folder):
    """Every image has a digest, but those that are tried out on one machine, which have a version."""
    manifests = render(folder)
    pods = [manifests.pod(each) for each in manifests.workloads()]
    images = {each["image"] for pod in pods for each in pod["containers"] + pod.get("initContainers", [])}
    if folder == "overlays/kind":
        assert {"dev", "8.2.3"} == {image.rpartition(":")[2] for image in images}
    else:
        assert all("@sha256:" in image for image in images)
    assert not any(image.endswith(":latest") for image in images)


def test_every_finding_that_stays_has_a_reason():
    """An annotation by which checkov skips a check says why."""
    for manifests in map(render, (*EACH_DEPLOYED, "gallery")):
        notes = itertools.chain(*(each["metadata"].get("annotations", {}).items() for each in manifests.resources))
        skips = [note for key, note in notes if key.startswith("checkov.io/")]
        assert all(len(note.partition("=")[2].split()) > 5 for note in skips)


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
