"""A deployment: matching services in processes of their own on one store, fusion, and one enrolled person."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from biometrics.template import Modality
from cli.stubs import FusionStubs
from infra.calling.matching import STUBS
from infra.wire.connections import NO_PROXY, client_options
from infra.wire.service_config import service_config
from soak.processes.process import Process
from tests.service import pictures

SERVICES = {Modality.FACE: "face", Modality.FINGERPRINT: "fingerprint", Modality.IRIS: "iris"}
MESSAGE_BYTES = 64 * 1024 * 1024


class Deployment:
    """Starts the processes; by default fusion calls the first matching service of each modality.

    Args:
        folder: folder of the store and the logs.
        settings: of all processes, as environment variables; by default their store is SQLite.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._settings = {
            "BIOFUSION_STORE_URL": f"sqlite:///{folder / 'store.db'}",
            "BIOFUSION_ALLOW_INSECURE_BIND": "true",  # 127.0.0.2 is loopback, and so is every address here
            **(settings or {}),
        }
        self._processes: list[Process] = []
        self._first: dict[Modality, Process] = {}
        self._samples: dict[Modality, sample_pb2.Sample] = {}
        self._fusion: Any = None

    def start(self, modality: Modality, host: str = "127.0.0.1", port: int = 0) -> Process:
        """Start a matching service; returns when it serves."""
        name = SERVICES[modality]
        process = self._run(f"services.{name}", self._settings, host, port)
        process.wait(f"biofusion.{name}.v1.{name.title()}Service")
        self._first.setdefault(modality, process)
        return process

    def fuse(self, count: int = 1, **targets: str) -> list[Process]:
        """Start processes of fusion, with these targets in place of the first service of a modality; enrol a person."""
        found = {modality.name: process.address for modality, process in self._first.items()} | targets
        environment = {f"BIOFUSION_{name}_TARGET": target for name, target in found.items()}
        fusions = [self._run("fusion", self._settings | environment) for _ in range(count)]
        for each in fusions:
            each.wait()
        self._fusion = FusionStubs(_channel("ipv4:" + ",".join(each.address for each in fusions), is_balanced=True))
        self._samples = {modality: _sample(modality, process) for modality, process in self._first.items()}
        request = subjects_pb2.EnrollSubjectRequest(
            request_id=str(uuid.uuid4()), subject_id="ann", samples=self._samples.values()
        )
        self._fusion.subjects.EnrollSubject(request, timeout=60)
        return fusions

    def verification(self, timeout_s: float, *modalities: Modality) -> Callable[[], object]:
        """A call that verifies the person by templates of these modalities."""
        samples = [self._samples[each] for each in modalities]
        request = decisions_pb2.VerifySubjectRequest(subject_id="ann", samples=samples)
        return lambda: self._fusion.decisions.VerifySubject(request, timeout=timeout_s)

    def end(self) -> None:
        """Kill all processes."""
        for each in self._processes:
            each.kill()

    def _run(self, module: str, environment: dict[str, str], host: str = "127.0.0.1", port: int = 0) -> Process:
        process = Process(module, environment, self._folder / f"{len(self._processes)}.log", host, port)
        self._processes.append(process)
        return process


@contextmanager
def deployment(settings: Mapping[str, str] | None = None) -> Iterator[Deployment]:
    """A deployment in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="biofusion-soak-") as folder:
        made = Deployment(Path(folder), settings)
        try:
            yield made
        finally:
            made.end()


def _channel(target: str, *, is_balanced: bool = False) -> grpc.Channel:
    config = (("grpc.service_config", service_config()),) if is_balanced else ()
    return grpc.insecure_channel(target, [*client_options(MESSAGE_BYTES), NO_PROXY, *config])


def _sample(modality: Modality, process: Process) -> sample_pb2.Sample:
    """A template, as the service extracts it from an image."""
    image = sample_pb2.Image(data=pictures.of(modality))
    with _channel(process.address) as channel:
        stub = STUBS[SERVICES[modality]](channel)
        extracted = stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(image=image), timeout=60)
    number = modality_pb2.Modality.Value(f"MODALITY_{modality}")
    return sample_pb2.Sample(modality=number, template=extracted.template, template_quality=extracted.quality.value)
