"""`biofusion serve` in an open loop above its capacity: goodput, latencies of answers and refusals, memory, recovery.

Server and load generator share this machine's cores, also in the closed loop that measures the capacity.

Settings: `BIOFUSION_SOAK_SECONDS` of each load (180), `BIOFUSION_SOAK_TIMES`, multiples of the capacity ("1.5,5"), and
`BIOFUSION_SOAK_DEADLINES`, seconds ("2,10").
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
from infra.models.model_cache import asset
from soak.figures import Figure
from soak.processes.load import Outcome, load
from soak.processes.serve import Serving, serving
from soak.processes.usage import memory_watched

SECONDS = float(os.environ.get("BIOFUSION_SOAK_SECONDS", "180"))
TIMES = [float(each) for each in os.environ.get("BIOFUSION_SOAK_TIMES", "1.5,5").split(",")]
DEADLINES_S = [float(each) for each in os.environ.get("BIOFUSION_SOAK_DEADLINES", "2,10").split(",")]
AFTER_S = 10.0
PATIENT_S = 60.0


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of call.

    Args:
        name: name in the table.
        server: that is called.
        method: full name of the method.
        request: the serialised message.
    """

    name: str
    server: Serving
    method: str
    request: bytes

    def loaded(self, seconds: float, deadline_s: float, rate: float = 0.0) -> Outcome:
        """Generate calls for `seconds`, in an open loop at `rate` per second, or in a closed loop if it is 0."""
        return load(self.server.address, self.method, self.request, seconds, deadline_s, rate=rate)


def campaign() -> list[Figure]:
    """Run extraction and verification, each at every load and deadline."""
    figures: list[Figure] = []
    with works() as all_works:
        for work in all_works:
            work.loaded(5.0, PATIENT_S)
            for deadline_s in DEADLINES_S:
                for times in TIMES:
                    figures += overload(work, times, deadline_s)
    return figures


def overload(work: Work, times: float, deadline_s: float) -> list[Figure]:
    """Measure the capacity, then a load of `times` the capacity, then half the capacity, which must be answered."""
    peak = work.loaded(10.0, PATIENT_S).goodput
    with memory_watched(work.server.pid) as mib:
        over = work.loaded(SECONDS, deadline_s, times * peak)
    after = work.loaded(AFTER_S, deadline_s, 0.5 * peak)
    what = f"{work.name}, {times:.1f} × of {peak:.0f}/s, {deadline_s:.0f} s deadline"
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
        Figure(
            f"{what}: most memory, MiB",
            "≤ 1.1 × before",
            f"{max(mib):.0f}, {mib[0]:.0f} before",
            max(mib) <= 1.1 * mib[0],
        ),
        Figure(f"{what}: at half load in the {AFTER_S:.0f} s after", "≥ 99 % answered", f"{last:.1%}", last >= 0.99),
    ]


@contextmanager
def works() -> Iterator[list[Work]]:
    """Start a server in a process of its own and enrol a person; gives the kinds of call."""
    image = sample_pb2.Image(data=asset("portrait-astronaut"))
    extraction = matching_pb2.ExtractTemplateRequest(image=image)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(f"sqlite:///{Path(folder) / 'store.db'}") as server,
        grpc.insecure_channel(server.address) as channel,
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
            Work("extract", server, "/biofusion.face.v1.FaceService/ExtractTemplate", extraction.SerializeToString()),
            Work(
                "verify",
                server,
                "/biofusion.fusion.v1.DecisionService/VerifySubject",
                verification.SerializeToString(),
            ),
        ]
