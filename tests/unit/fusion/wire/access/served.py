"""A server with a policy, over gRPC, on fake matching services; and what its tests send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2
from biofusion.fusion.v1.decisions_pb2_grpc import add_DecisionServiceServicer_to_server
from biofusion.fusion.v1.subjects_pb2_grpc import add_SubjectServiceServicer_to_server
from biofusion.type.v1 import sample_pb2

from biometrics.errors import AccessDenied, JobNotFound, QuotaExceeded
from biometrics.sample import Sample
from biometrics.score_fusion.fusion import ScoreFusion
from biometrics.template import Modality, Position
from cli.stubs import FusionStubs
from fusion.access.grant import current_grant
from fusion.access.policy_file import PolicyFile
from fusion.access.quotas import Quotas
from fusion.duplicates.guard import DuplicateGuard
from fusion.jobs.values import Job
from fusion.models.uploads import UploadedModels
from fusion.use_cases.subject_reads import GalleryReader
from fusion.wire import decision_servicer, subject_servicer
from fusion.wire.access.gate import PolicyGate
from fusion.wire.access.lookup import Lookup
from infra.identity.intent import Intent
from infra.identity.visit import Visit
from infra.serving.door import Door
from infra.serving.server import Registration, Server
from infra.settings import Settings
from infra.wire.convert import sample_to_wire
from infra.wire.status import error_info
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.enrolled_people import world
from tests.unit.fusion.policies import DESK, Named, written
from tests.unit.fusion.world import FakeMatcher, model, template

FACE, FINGER = Modality.FACE, Modality.FINGERPRINT


class Records:
    """A witness that keeps what it is told, with what the policy said."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, Any, Any]] = []

    async def answered(self, visit: Visit, _method: str, _request: Any, response: Any) -> None:
        """See Witness."""
        grant = current_grant.get()
        kept = type(response).FromString(response.SerializeToString())
        self.kept.append((visit.caller.name, grant and (grant.policy, grant.rule_names, grant.operation), kept))

    async def failed(self, visit: Visit, _method: str, _request: Any, error: BaseException) -> None:
        """See Witness."""
        is_refused = isinstance(error, AccessDenied | QuotaExceeded)
        self.kept.append((visit.caller.name, error.reason if is_refused else "", None))


class Served:
    """A server's stubs, its store, its fake services, what was recorded, and the clock of its quotas."""

    def __init__(
        self, channel: Any, store: MemoryStore, services: dict[Modality, FakeMatcher], records: Records
    ) -> None:
        self.stubs, self.store, self.services, self.records = FusionStubs(channel), store, services, records
        self.now = 0.0


@asynccontextmanager
async def serving(folder: Path, policy: str) -> AsyncIterator[Served]:
    """A server with this policy where Ann is enrolled in the gallery "default"."""
    store, services = await world("ann")
    fused, settings, records = model(), Settings(port=0, drain_s=0), Records()

    async def no_job(_name: str) -> Job:
        raise JobNotFound("There is no job.")

    lookup = Lookup(store, GalleryReader(store).of, no_job)
    quotas = Quotas(lambda: found.now)
    gate = PolicyGate(Named(), PolicyFile(written(folder, policy)), lookup, quotas)
    guard, uploads = DuplicateGuard(services, store, fused), UploadedModels(store, ScoreFusion.from_json)
    subjects = subject_servicer.SubjectServicer(services, store, guard, 30.0, {})
    decisions = decision_servicer.DecisionServicer(services, store, fused, 30.0, uploads)
    server = Server(settings, 0, door=Door(gate, records, gate))
    await server.start(
        [
            Registration(subject_servicer.NAME, partial(add_SubjectServiceServicer_to_server, subjects)),
            Registration(decision_servicer.NAME, partial(add_DecisionServiceServicer_to_server, decisions)),
        ]
    )
    try:
        async with grpc.aio.insecure_channel(server.address) as channel:
            found = Served(channel, store, services, records)
            yield found
    finally:
        await server.stop()


def stated(name: str = DESK, purpose: str = "border", **others: str) -> Sequence[tuple[str, str]]:
    """Metadata of a caller."""
    return (("test-caller", name), *Intent(purpose, **others).metadata)


def samples(who: str, *modalities: Modality) -> list[sample_pb2.Sample]:
    """Templates of a person."""
    positions = {FACE: Position.FACE, FINGER: Position.RIGHT_INDEX, Modality.IRIS: Position.LEFT_EYE}
    return [sample_to_wire(Sample(each, positions[each], template(each, who), 80.0)) for each in modalities]


def verification(who: str = "ann", *modalities: Modality, subject: str = "ann") -> decisions_pb2.VerifySubjectRequest:
    """A verification of Ann by another capture of somebody."""
    wanted = modalities or (FACE, FINGER)
    return decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=samples(who, *wanted))


async def refusal(call: Any) -> tuple[grpc.StatusCode, str]:
    """Code and reason of a call that fails."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), error_info(caught.value.trailing_metadata()).reason
