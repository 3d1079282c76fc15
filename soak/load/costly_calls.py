"""The two most costly calls that are known, and a flood, beside a caller who needs little.

`biofusion serve` on all addresses. The honest caller verifies a face in a closed loop and comes from 127.0.0.1; whoever
sends the costly calls comes from ::1, and so is another caller, or from 127.0.0.1 too.

Settings: `SOAK_COSTLY_S`, seconds of each case (20).
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from biofusion.face.v1 import face_pb2_grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from cli.stubs import FusionStubs
from infra.models.model_cache import asset
from soak.figures import Figure
from soak.processes.callers import Callers, Ended, failed, p99_ms
from soak.processes.prints import costly_print
from soak.processes.process import Process
from soak.processes.usage import cpu_s

SECONDS = float(os.environ.get("SOAK_COSTLY_S", "20"))
DEADLINE_S = 10.0
OPTIONS = [("grpc.max_send_message_length", 64 * 2**20), ("grpc.enable_http_proxy", 0)]
COMPARE = "/biofusion.fingerprint.v1.FingerprintService/CompareTemplates"
ENROL = "/biofusion.fusion.v1.SubjectService/EnrollSubject"
EXTRACT = "/biofusion.face.v1.FaceService/ExtractTemplate"
AT_ONCE = 4


def campaign() -> list[Figure]:
    """Run all cases."""
    with served() as server:
        alone = p99_ms(_beside(server.verify, lambda: None))
        figures = [_cancelled(server.process)]
        for who in ("[::1]", "127.0.0.1"):
            for what, method, request, at_once in _attacks(server.extraction):
                with grpc.insecure_channel(f"{who}:{server.process.port}", OPTIONS) as channel:
                    flood = _Flood(channel.unary_unary(method), request, at_once)
                    calls = _beside(server.verify, flood.start)
                    flood.stop()
                beside, bad = p99_ms(calls), failed(calls)
                codes = dict(Counter(each.code.name for each in calls))
                found = f"{beside:.0f} ms, {alone:.0f} alone; {codes}"
                name = "another caller" if who == "[::1]" else "itself"
                figures.append(
                    Figure(
                        f"p99 beside {name} with {what}", "≤ 2×, none failed", found, beside <= 2 * alone and not bad
                    )
                )
        return figures


def _attacks(portrait: bytes) -> Iterator[tuple[str, str, bytes, int]]:
    """Name, method, message, and how many calls are in progress."""
    print_ = costly_print()
    comparison = matching_pb2.CompareTemplatesRequest(probe=print_, references=[print_] * 10_000)
    yield "comparisons of 10,000 fingerprints", COMPARE, comparison.SerializeToString(), AT_ONCE
    galleries = map(str, range(1_000_000))
    enrolment = subjects_pb2.EnrollSubjectRequest(subject_id="x", request_id=str(uuid.uuid4()), galleries=galleries)
    yield "enrolments in 1,000,000 galleries", ENROL, enrolment.SerializeToString(), 1
    yield "64 extractions at once", EXTRACT, portrait, 64


def _cancelled(process: Process) -> Figure:
    """CPU of the service in the 2 s after a comparison of 10,000 fingerprints was given up."""
    print_ = costly_print()
    request = matching_pb2.CompareTemplatesRequest(probe=print_, references=[print_] * 10_000).SerializeToString()
    with grpc.insecure_channel(process.address, OPTIONS) as channel:
        method: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(COMPARE)
        call = method.future(request, timeout=120)
        time.sleep(3.0)
        before = cpu_s(process.pid)
        time.sleep(1.0)
        during = cpu_s(process.pid) - before
        call.cancel()
        time.sleep(0.05)
        before = cpu_s(process.pid)
        time.sleep(2.0)
        after = (cpu_s(process.pid) - before) / 2
    found = f"{after:.0%} of a core, {during:.0%} before"
    return Figure("CPU after a comparison of 10,000 fingerprints is given up", "≤ 10 %", found, after <= 0.1)


def _beside(verify: Callable[[], object], start: Callable[[], object]) -> list[Ended]:
    start()
    callers = Callers(verify, 1)
    time.sleep(SECONDS)
    callers.stop()
    return callers.ended


class _Flood:
    """Calls that are repeated, so many at once, whatever becomes of them."""

    def __init__(self, call: Any, request: bytes, at_once: int) -> None:
        self._call, self._request = call, request
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(at_once)]

    def start(self) -> None:
        """Begin."""
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """End the calls in progress."""
        self._over.set()
        for each in self._threads:
            each.join()

    def _run(self) -> None:
        while not self._over.wait(0.01):
            call = self._call.future(self._request, timeout=60)
            call.add_done_callback(lambda _: None)
            while not call.done() and not self._over.wait(0.01):
                pass
            call.cancel()


@dataclass(frozen=True, slots=True)
class Served:
    """A server where Ann is enrolled.

    Args:
        process: the server.
        extraction: a request that extracts a portrait.
        verification: the request that verifies Ann.
        verify: makes that call.
    """

    process: Process
    extraction: bytes
    verification: decisions_pb2.VerifySubjectRequest
    verify: Callable[[], object]


@contextmanager
def served() -> Iterator[Served]:
    """Run the server."""
    with tempfile.TemporaryDirectory(prefix="biofusion-soak-") as folder:
        settings = {
            "BIOFUSION_STORE_URL": f"sqlite:///{folder}/store.db",
            "BIOFUSION_HOST": "::",
            "BIOFUSION_ALLOW_INSECURE_BIND": "true",
            "BIOFUSION_WORKER_COUNT": "2",
        }
        process = Process("cli serve", settings, Path(folder) / "log")
        try:
            for name in ("face", "fingerprint"):
                process.wait(f"biofusion.{name}.v1.{name.title()}Service")
            with grpc.insecure_channel(process.address, OPTIONS) as channel:
                image = sample_pb2.Image(data=asset("portrait-astronaut"))
                extraction = matching_pb2.ExtractTemplateRequest(image=image)
                template = face_pb2_grpc.FaceServiceStub(channel).ExtractTemplate(extraction, timeout=60).template
                sample = sample_pb2.Sample(modality=modality_pb2.MODALITY_FACE, template=template)
                stubs = FusionStubs(channel)
                enrolment = subjects_pb2.EnrollSubjectRequest(
                    request_id=str(uuid.uuid4()), subject_id="ann", samples=[sample]
                )
                stubs.subjects.EnrollSubject(enrolment, timeout=60)
                request = decisions_pb2.VerifySubjectRequest(subject_id="ann", samples=[sample])
                yield Served(
                    process,
                    extraction.SerializeToString(),
                    request,
                    lambda: stubs.decisions.VerifySubject(request, timeout=DEADLINE_S),
                )
        finally:
            process.kill()
