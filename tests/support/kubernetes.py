"""The rendered Kubernetes manifests, interpreted as a cluster does."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.settings import Settings

ROOT = Path(__file__).parents[2]
KUBECTL = Path(sys.executable).with_name("kubectl")
NAME = "app.kubernetes.io/name"
CALLERS = {"biofusion-caller": "true"}
"""Labels of the namespaces whose pods may call fusion."""
Resource = dict[str, Any]


@cache
def render(folder: str) -> Manifests:
    """The resources that `kubectl apply -k` would send for a folder of k8s/, or one that is named absolutely."""
    command = [str(KUBECTL), "kustomize", str(ROOT / "k8s" / folder)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    return Manifests([each for each in yaml.load_all(finished.stdout, Loader=yaml.CSafeLoader) if each])


def with_components(folder: Path, *names: str, base: str = "base") -> Manifests:
    """What is sent to a cluster from a folder of k8s/ with components, rendered from a new folder."""
    above = os.path.relpath(ROOT / "k8s", folder.resolve())
    lines = ["namespace: biofusion", "resources:", f"  - {above}/{base}"]
    lines += ["components:", *(f"  - {above}/components/{name}" for name in names)] if names else []
    (folder / "kustomization.yaml").write_text("\n".join(lines))
    return render(str(folder))


@dataclass(frozen=True, slots=True)
class Manifests:
    """All resources of one namespace."""

    resources: list[Resource]

    def of_kind(self, kind: str) -> dict[str, Resource]:
        """The resources of a kind by name."""
        return {each["metadata"]["name"]: each for each in self.resources if each["kind"] == kind}

    def workloads(self) -> dict[str, Resource]:
        """Deployments, StatefulSets, Jobs and the jobs of CronJobs, by name."""
        repeated = {name: each["spec"]["jobTemplate"] for name, each in self.of_kind("CronJob").items()}
        return self.of_kind("Deployment") | self.of_kind("StatefulSet") | self.of_kind("Job") | repeated

    def servers(self) -> list[str]:
        """Names of the workloads that have a port."""
        return [each for each in self.workloads() if "ports" in self.container(each)]

    def pod(self, workload: str) -> Resource:
        """The pod template's spec."""
        spec: Resource = self.workloads()[workload]["spec"]["template"]["spec"]
        return spec

    def container(self, workload: str) -> Resource:
        """The only container of a workload's pods."""
        containers: list[Resource] = self.pod(workload)["containers"]
        (container,) = containers
        return container

    def labels(self, workload: str) -> dict[str, str]:
        """The labels of a workload's pods."""
        labels: dict[str, str] = self.workloads()[workload]["spec"]["template"]["metadata"]["labels"]
        return labels

    def port(self, workload: str) -> int:
        """The first port of a workload's container, at which it is called."""
        return int(self.container(workload)["ports"][0]["containerPort"])

    def environment(self, workload: str) -> dict[str, str]:
        """A container's variables, with references resolved and `$(NAME)` replaced by variables defined before."""
        container = self.container(workload)
        values: dict[str, str] = {}
        for source in container.get("envFrom", []):
            values |= self.of_kind("ConfigMap")[source["configMapRef"]["name"]]["data"]
        for variable in container.get("env", []):
            values[variable["name"]] = expand(self._value(variable, container), values)
        return values

    def files(self, workload: str) -> dict[str, str]:
        """The files that a container finds in its Secrets and ConfigMaps: path → content.

        A Secret that is not among the resources exists already; its content is then `fromTheSecret`.
        """
        pod, found = self.pod(workload), {}
        volumes = {each["name"]: each for each in pod.get("volumes", [])}
        for mount in self.container(workload)["volumeMounts"]:
            for name, content in self._content(volumes.get(mount["name"], {})).items():
                found[f"{mount['mountPath']}/{name}"] = content
        return found

    def behind(self, host: str, port: int) -> tuple[str, int]:
        """The workload and container port behind a service's name in its namespace, or that of a pod, and a port."""
        *pod, name = host.split(".")
        service = self.of_kind("Service")[name]
        (found,) = (each for each in service["spec"]["ports"] if each["port"] == port)
        (workload,) = (each for each in self.workloads() if selects(service["spec"]["selector"], self.labels(each)))
        assert pod == [] or pod[0] in self.pods(workload)
        (target,) = (each for each in self.container(workload)["ports"] if each["name"] == found["targetPort"])
        return workload, target["containerPort"]

    def pods(self, workload: str) -> list[str]:
        """Names of the pods of a StatefulSet."""
        return [f"{workload}-{number}" for number in range(self.workloads()[workload]["spec"]["replicas"])]

    def connects(self, source: dict[str, str], target: str) -> bool:
        """Whether the network policies let a pod with these labels connect to a workload's port."""
        port = self.container(target)["ports"][0]
        out = self._allows("Egress", source, self.labels(target), port)
        return out and self._allows("Ingress", self.labels(target), source, port)

    def _allows(self, direction: str, at: dict[str, str], peer: dict[str, str], port: Resource) -> bool:
        policies = [each["spec"] for each in self.of_kind("NetworkPolicy").values()]
        concerned = [p for p in policies if direction in p["policyTypes"] and matches(p["podSelector"], at)]
        key = {"Egress": "to", "Ingress": "from"}[direction]
        return not concerned or any(
            any(matches_peer(each, peer) for each in rule[key])
            and any(each["port"] in (port["containerPort"], port["name"]) for each in rule["ports"])
            for policy in concerned
            for rule in policy.get(direction.lower(), [])
        )

    def _content(self, volume: Resource) -> dict[str, str]:
        match volume:
            case {"configMap": {"name": name}}:
                return dict(self.of_kind("ConfigMap")[name]["data"])
            case {"secret": {"secretName": name, **options}}:
                secret = self.of_kind("Secret").get(name, {"data": _Existing()})
                items = options.get("items", [{"key": each, "path": each} for each in ("tls.crt", "tls.key", "ca.crt")])
                return {each["path"]: base64.b64decode(secret["data"][each["key"]]).decode() for each in items}
        return {}

    def _value(self, variable: Resource, container: Resource) -> str:
        match variable.get("valueFrom"):
            case None:
                return str(variable["value"])
            case {"resourceFieldRef": {"resource": "limits.cpu"}}:
                return str(container["resources"]["limits"]["cpu"])
            case {"fieldRef": {"fieldPath": "metadata.name"}}:
                return f"{container['name']}-0"
            case {"secretKeyRef": {"name": name, "key": key}}:
                secret = self.of_kind("Secret").get(name, {"data": _Existing()})
                return base64.b64decode(secret["data"][key]).decode()
        raise NotImplementedError(f"{variable['name']} has another source.")


class _Existing(dict[str, str]):
    """The content of a Secret that is not among the resources."""

    def __missing__(self, key: str) -> str:
        return base64.b64encode(b"fromTheSecret").decode()


def settings_of(manifests: Manifests, room: str) -> Settings:
    """What a service makes of its pod's environment."""
    return Settings.from_environment(manifests.environment(room))


def expand(text: str, values: dict[str, str]) -> str:
    """Kubernetes' `$(NAME)`; unknown names stay as they are."""
    return re.sub(r"\$\((\w+)\)", lambda found: values.get(found[1], found[0]), text)


def selects(wanted: dict[str, str], labels: dict[str, str]) -> bool:
    """Whether labels contain all of the wanted ones."""
    return wanted.items() <= labels.items()


def matches(selector: Resource, labels: dict[str, str]) -> bool:
    """Whether a label selector with matchLabels and `In` expressions matches; an empty one matches everything."""
    expressions = selector.get("matchExpressions", [])
    assert all(each["operator"] == "In" for each in expressions)
    return selects(selector.get("matchLabels", {}), labels) and all(
        labels.get(each["key"]) in each["values"] for each in expressions
    )


def matches_peer(peer: Resource, labels: dict[str, str]) -> bool:
    """Whether a policy peer matches a pod of our namespace; peers in other namespaces and networks do not."""
    return "ipBlock" not in peer and not peer.get("namespaceSelector") and matches(peer.get("podSelector", {}), labels)
