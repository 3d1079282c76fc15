"""Plays the rendered manifests as pods, and sends an enrolment and an identification through them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import yaml
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, sample_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from biometrics.template import Modality
from cli.stubs import FusionStubs
from images.pods import Resource, pod, workloads
from images.tools import Containers
from tests.service import pictures
from tests.support.kubernetes import render

NETWORK = "biofusion"
SUBNET = "10.89.53"
"""Addresses of the pods, on a bridge of this machine."""

READY_S = 120.0


@dataclass(frozen=True, slots=True)
class Pod:
    """A running pod.

    Args:
        name: of its workload.
        address: its own.
        pid: of its container's first process, on this machine.
    """

    name: str
    address: str
    pid: int

    @property
    def user(self) -> int:
        """User of the process."""
        (line,) = (each for each in self._told("status") if each.startswith("Uid:"))
        return int(line.split()[1])

    @property
    def is_read_only(self) -> bool:
        """Whether the root of its file system cannot be written."""
        (root,) = (each.split() for each in self._told("mountinfo") if each.split()[4] == "/")
        return "ro" in root[5].split(",")

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU that the process has used, with its ended children."""
        used = self._told("stat")[0].rpartition(")")[2].split()[11:15]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    def kernels(self) -> tuple[int, int]:
        """Files of machine code that came with the image, and that were compiled since the start."""
        files = list(Path(f"/proc/{self.pid}/root/tmp/numba").rglob("*.nb[ci]"))
        links = [each for each in files if each.is_symlink()]
        return len(links), len(files) - len(links)

    def _told(self, file: str) -> list[str]:
        return Path(f"/proc/{self.pid}/{file}").read_text(encoding="utf-8").splitlines()


@contextmanager
def played(containers: Containers, overlay: str, names: list[str]) -> Iterator[dict[str, Pod]]:
    """Play these workloads of an overlay; gives their pods, which need not serve yet. Ends them all."""
    resources = render(overlay).resources
    addresses = {name: f"{SUBNET}.{number}" for number, name in enumerate(workloads(resources), start=10)}
    with _network(containers):
        try:
            yield {name: _play(containers, resources, name, addresses) for name in names}
        finally:
            containers.run("podman", "pod", "rm", "--force", "--all", "--time", "5")


def wait_until_serving(address: str, service: str = "") -> None:
    """Return when the health service reports SERVING."""
    with grpc.insecure_channel(address, [("grpc.enable_http_proxy", 0)]) as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        watch = health_pb2_grpc.HealthStub(channel).Watch(request, timeout=READY_S, wait_for_ready=True)
        next(each for each in watch if each.status == health_pb2.HealthCheckResponse.SERVING)


def enrol_and_identify(address: str) -> tuple[str, str]:
    """Enrol a subject by a face, a finger and an eye, and identify them; returns the subject found and the outcome."""
    samples = [
        sample_pb2.Sample(modality=number, image=sample_pb2.Image(data=pictures.of(modality)))
        for number, modality in enumerate(Modality, start=1)
    ]
    with grpc.insecure_channel(address, [("grpc.enable_http_proxy", 0)]) as channel:
        fusion = FusionStubs(channel)
        enrol = subjects_pb2.EnrollSubjectRequest(request_id=str(uuid.uuid4()), subject_id="ann", samples=samples)
        token = fusion.subjects.EnrollSubject(enrol, timeout=60).consistency_token
        wanted = decisions_pb2.IdentifySubjectsRequest(samples=samples, consistency_token=token)
        answer = fusion.decisions.IdentifySubjects(wanted, timeout=60)
    return answer.subject_id, decision_pb2.Outcome.Name(answer.decision.outcome)


def _play(containers: Containers, resources: list[Resource], name: str, addresses: Mapping[str, str]) -> Pod:
    played = pod(resources, name, containers.folder / "secrets", addresses)
    file = containers.folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump_all(played), encoding="utf-8")
    containers.run("podman", "kube", "play", "--network", NETWORK, "--ip", addresses[name], file)
    container = f"{played[-1]['metadata']['name']}-{played[-1]['spec']['containers'][0]['name']}"
    return Pod(name, addresses[name], int(containers.run("podman", "inspect", "--format", "{{.State.Pid}}", container)))


@contextmanager
def _network(containers: Containers) -> Iterator[None]:
    containers.run("podman", "network", "create", "--subnet", f"{SUBNET}.0/24", NETWORK)
    try:
        yield
    finally:
        containers.run("podman", "network", "rm", "--force", NETWORK)
