"""Turns rendered manifests into what `podman kube play` runs: one Pod for each workload, with its ConfigMaps.

podman 4.3 knows Pods, Deployments and ConfigMaps, and no Services, Secrets, claims of volumes or probes by gRPC. So

1. a workload becomes one Pod of its template; probes and preStop are left out, as the caller waits for health itself;
2. a Secret's volume becomes a folder of this machine with its files, and a claim an empty volume; empty volumes get the
   workload's name in front of theirs, as podman would give one of the same name to several Pods;
3. the names of the Services stand in each Pod's /etc/hosts, at the addresses that the caller gives the Pods;
4. the pod's security context is repeated in each container.

Everything else stays as rendered: images, commands, arguments, users, read-only roots, capabilities, limits, settings.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

Resource = dict[str, Any]
WORKLOADS = ("Deployment", "StatefulSet")
LEFT_OUT = ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle", "ports")
KEPT = "io.podman.annotations.init.container.type"
"""Otherwise podman 4.3 removes the `initContainers` that have ended, and fails if one still counts as running."""
SHARED = ("runAsUser", "runAsGroup", "runAsNonRoot")


def workloads(resources: list[Resource]) -> list[str]:
    """Names of the workloads that become Pods, in the order of the manifests."""
    return [each["metadata"]["name"] for each in resources if each["kind"] in WORKLOADS]


def pod(resources: list[Resource], name: str, secrets: Path, addresses: Mapping[str, str]) -> list[Resource]:
    """What to play for one workload: its Pod after all ConfigMaps.

    Args:
        resources: of one rendered folder.
        name: of the workload.
        secrets: folder for the files of Secrets; each gets a folder there.
        addresses: of every workload's Pod.
    """
    (workload,) = (each for each in resources if each["kind"] in WORKLOADS and each["metadata"]["name"] == name)
    template = deepcopy(workload["spec"]["template"])
    spec = template["spec"]
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        for each in LEFT_OUT:
            container.pop(each, None)
        own = {key: value for key, value in spec.get("securityContext", {}).items() if key in SHARED}
        container["securityContext"] = own | container.get("securityContext", {})
    claims = [each["metadata"]["name"] for each in workload["spec"].get("volumeClaimTemplates", [])]
    spec["volumes"] = [_volume(resources, each, secrets) for each in spec.get("volumes", [])]
    spec["volumes"] += [{"name": each, "emptyDir": {}} for each in claims]
    _rename_empty(spec, name)
    spec["hostAliases"] = [
        {"ip": address, "hostnames": _names(resources, workload)} for workload, address in addresses.items()
    ]
    metadata = {"name": f"{name}-pod", "labels": template["metadata"]["labels"], "annotations": {KEPT: "always"}}
    return [
        *(each for each in resources if each["kind"] == "ConfigMap"),
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec},
    ]


def _names(resources: list[Resource], workload: str) -> list[str]:
    """The names in the namespace of the Services of a workload; each selects it by the label that is its name."""
    return [
        each["metadata"]["name"]
        for each in resources
        if each["kind"] == "Service" and each["spec"]["selector"].get("app.kubernetes.io/name") == workload
    ]


def _rename_empty(spec: Resource, workload: str) -> None:
    containers = [*spec.get("initContainers", []), *spec["containers"]]
    empty = {each["name"] for each in spec["volumes"] if "emptyDir" in each}
    for each in [*spec["volumes"], *(mount for container in containers for mount in container["volumeMounts"])]:
        if each["name"] in empty:
            each["name"] = f"{workload}-{each['name']}"


def _volume(resources: list[Resource], volume: Resource, secrets: Path) -> Resource:
    if "secret" not in volume:
        return volume
    stated = volume["secret"]
    folder = secrets / stated["secretName"]
    folder.mkdir(parents=True, exist_ok=True)
    (secret,) = (
        each for each in resources if each["kind"] == "Secret" and each["metadata"]["name"] == stated["secretName"]
    )
    for item in stated["items"]:
        (folder / item["path"]).write_bytes(base64.b64decode(secret["data"][item["key"]]))
    return {"name": volume["name"], "hostPath": {"path": str(folder), "type": "Directory"}}
