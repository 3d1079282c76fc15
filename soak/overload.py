"""Open loop over what `biofusion serve` can do: goodput, latencies of what it takes and of what it refuses, and after.

Server and load generator share this machine's cores, in the closed loop by which the capacity is measured as well.

`BIOFUSION_SOAK_SECONDS` of each load (60), `BIOFUSION_SOAK_TIMES` over capacity ("1.5,4,5"), `BIOFUSION_SOAK_DEADLINES`
("2,10").
"""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from biofusion.face.v1 import face_pb2_grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from cli.stubs import FusionStubs
from infra.models.supply import asset
from soak.figures import Figure
from soak.processes.load import Outcome, load
from soak.processes.serve import serving

SECONDS = float(os.environ.get("BIOFUSION_SOAK_SECONDS", "60"))
TIMES = [float(each) for each in os.environ.get("BIOFUSION_SOAK_TIMES", "1.5,4,5").split(",")]
DEADLINES_S = [float(each) for each in os.environ.get("BIOFUSION_SOAK_DEADLINES", "2,10").split(",")]
AFTER_S = 10.0
PATIENT_S = 60.0
MOST_RATE = 3000.0
"""Calls a second that one generator in Python begins beside a server on the same cores."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of call.

    Args:
        name: in the table.
        address: of the server.
        method: full name.
        request: the message.
    """

    name: str
    address: str
    method: str
    request: bytes

    def loaded(self, seconds: float, deadline_s: float, rate: float = 0.0) -> Outcome:
        """Calls for so long; closed loop where no rate is stated."""
        return load(self.address, self.method, self.request, seconds, deadline_s, rate=rate)


def campaign() -> list[Figure]:
    """Extraction and verification, each at every load and deadline."""
    figures: list[Figure] = []
    with works() as all_works:
        for work in all_works:
            work.loaded(5.0, PATIENT_S)
            for deadline_s in DEADLINES_S:
                for times in TIMES:
                    figures += overload(work, times, deadline_s)
    return figures


def overload(work: Work, times: float, deadline_s: float) -> list[Figure]:
    """The capacity, then a load over it, then whether all is as before."""
    peak = work.loaded(10.0, PATIENT_S).goodput
    rate = min(times * peak, MOST_RATE)
    over = work.loaded(SECONDS, deadline_s, rate)
    after = work.loaded(AFTER_S, deadline_s, 0.5 * peak)
    what = f"{work.name}, {rate / peak:.1f} × of {peak:.0f}/s, {deadline_s:.0f} s deadline"
    print(what, over, file=sys.stderr)
    share, lost = over.goodput / peak, {k: n for k, n in over.codes.items() if k not in ("OK", "RESOURCE_EXHAUSTED")}
    late, last = over.codes.get("DEADLINE_EXCEEDED", 0), after.codes.get("OK", 0) / after.begun
    return [
        Figure(f"{what}: goodput", "≥ 90 % of peak", f"{share:.0%}", share >= 0.9),
        Figure(
            f"{what}: 99th of what was taken",
            f"≤ {deadline_s:.0f} s",
            f"{over.ok_p99_ms / 1000:.2f} s, {late} late",
            over.ok_p99_ms <= 1000 * deadline_s and late <= 0.01 * (over.codes.get("OK", 0) + late),
        ),
        Figure(f"{what}: 99th of refusals", "≤ 10 ms", f"{over.refused_p99_ms:.0f} ms", over.refused_p99_ms <= 10),
        Figure(f"{what}: told when to come back", "all refusals", f"{over.told_when:.1%}", over.told_when == 1.0),
        Figure(f"{what}: other codes", "only deadlines", str(lost or "none"), set(lost) <= {"DEADLINE_EXCEEDED"}),
        Figure(f"{what}: at half load in the {AFTER_S:.0f} s after", "≥ 99 % answered", f"{last:.1%}", last >= 0.99),
    ]


@contextmanager
def works() -> Iterator[list[Work]]:
    """A server in a process of its own, somebody enrolled, and the calls."""
    image = sample_pb2.Image(data=asset("portrait-astronaut"))
    extraction = matching_pb2.ExtractTemplateRequest(image=image)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(f"sqlite:///{Path(folder) / 'store.db'}") as address,
        grpc.insecure_channel(address) as channel,
    ):
        template = face_pb2_grpc.FaceServiceStub(channel).ExtractTemplate(extraction, wait_for_ready=True).template
        sample = sample_pb2.Sample(
            modality=modality_pb2.MODALITY_FACE, position=modality_pb2.POSITION_FACE, template=template
        )
        enrolment = subjects_pb2.EnrollSubjectRequest(
            request_id=str(uuid.uuid4()), subject_id="somebody", samples=[sample]
        )
        FusionStubs(channel).subjects.EnrollSubject(enrolment)
        verification = decisions_pb2.VerifySubjectRequest(subject_id="somebody", samples=[sample])
        yield [
            Work("extract", address, "/biofusion.face.v1.FaceService/ExtractTemplate", extraction.SerializeToString()),
            Work(
                "verify",
                address,
                "/biofusion.fusion.v1.DecisionService/VerifySubject",
                verification.SerializeToString(),
            ),
        ]
