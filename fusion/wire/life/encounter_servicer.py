"""gRPC servicer of `EncounterService`: the life cycle of encounters, and exports."""

from __future__ import annotations

import asyncio
from typing import TypeAlias

import grpc
from biofusion.fusion.v1 import encounters_pb2, encounters_pb2_grpc

from fusion.packages import seal_subject
from fusion.requests.read_your_writes import wait_until_seen
from fusion.samples.probes import Matchers
from fusion.samples.quality_gate import MinQuality
from fusion.use_cases.export import export_encounter
from fusion.use_cases.update import update
from fusion.wire import subjects
from fusion.wire.life import exports, moves, updates
from gallery.store.port import SubjectStore
from gallery.store.rules import encounter_named
from gallery.store.values import ConsistencyToken, Receipt
from gallery.subject import EncounterState, check_id
from infra.deadlines import Deadline
from infra.requests.idempotence import check_request_id, digest_of
from infra.requests.times import time_from_wire

NAME = encounters_pb2.DESCRIPTOR.services_by_name["EncounterService"].full_name

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class EncounterServicer(encounters_pb2_grpc.EncounterServiceServicer):
    """Reads, updates, deactivates, moves, exports and deletes encounters.

    Args:
        matchers: the matching services.
        store: the store of enrolled subjects.
        default_deadline_s: seconds for a call whose caller states no deadline.
        min_quality: the lowest quality that is enrolled, 0–100, by modality.
    """

    def __init__(
        self, matchers: Matchers, store: SubjectStore, default_deadline_s: float, min_quality: MinQuality
    ) -> None:
        self._matchers = matchers
        self._store = store
        self._default_deadline_s = default_deadline_s
        self._min_quality = min_quality

    async def GetEncounter(
        self, request: encounters_pb2.GetEncounterRequest, context: Context
    ) -> encounters_pb2.GetEncounterResponse:
        """Read an encounter, without templates."""
        subject_id, encounter_id = _ids(request)
        deadline = Deadline.of_call(context.time_remaining(), self._default_deadline_s)
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), deadline)
        encounter = encounter_named(await self._store.get(subject_id), encounter_id)
        return encounters_pb2.GetEncounterResponse(encounter=subjects.encounter_to_wire(encounter))

    async def UpdateEncounter(
        self, request: encounters_pb2.UpdateEncounterRequest, context: Context
    ) -> encounters_pb2.UpdateEncounterResponse:
        """Replace the samples of an encounter."""
        deadline = Deadline.of_call(context.time_remaining(), self._default_deadline_s)
        wanted, unread = await updates.update_from_wire(request)
        result = await update(wanted, self._matchers, self._store, deadline.left_s, self._min_quality)
        return updates.update_to_wire(wanted, unread, result)

    async def ActivateEncounter(
        self, request: encounters_pb2.ActivateEncounterRequest, context: Context
    ) -> encounters_pb2.ActivateEncounterResponse:
        """Let an encounter be searched again."""
        receipt = await self._set_state(request, EncounterState.ACTIVE)
        return encounters_pb2.ActivateEncounterResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def DeactivateEncounter(
        self, request: encounters_pb2.DeactivateEncounterRequest, context: Context
    ) -> encounters_pb2.DeactivateEncounterResponse:
        """Keep an encounter without searching it."""
        receipt = await self._set_state(request, EncounterState.INACTIVE)
        return encounters_pb2.DeactivateEncounterResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def SetEncounterExpiry(
        self, request: encounters_pb2.SetEncounterExpiryRequest, context: Context
    ) -> encounters_pb2.SetEncounterExpiryResponse:
        """Set from when on an encounter is deleted."""
        (subject_id, encounter_id), request_id = _ids(request), check_request_id(request.request_id)
        expire_time = time_from_wire(request, "expire_time")
        digest = digest_of([b"expire", *_named(request), str(expire_time).encode()])
        receipt = await self._store.set_retention(subject_id, encounter_id, expire_time, request_id, digest)
        return encounters_pb2.SetEncounterExpiryResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def MoveEncounter(
        self, request: encounters_pb2.MoveEncounterRequest, context: Context
    ) -> encounters_pb2.MoveEncounterResponse:
        """Move an encounter to another subject."""
        receipt = await self._store.move_encounters(moves.move_from_wire(request))
        return encounters_pb2.MoveEncounterResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def DeleteEncounter(
        self, request: encounters_pb2.DeleteEncounterRequest, context: Context
    ) -> encounters_pb2.DeleteEncounterResponse:
        """Erase an encounter."""
        (subject_id, encounter_id), request_id = _ids(request), check_request_id(request.request_id)
        digest = digest_of([b"delete encounter", *_named(request)])
        receipt = await self._store.delete_encounter(subject_id, encounter_id, request_id, digest)
        return encounters_pb2.DeleteEncounterResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def ExportEncounter(
        self, request: encounters_pb2.ExportEncounterRequest, context: Context
    ) -> encounters_pb2.ExportEncounterResponse:
        """Write the templates of an encounter as records."""
        deadline = Deadline.of_call(context.time_remaining(), self._default_deadline_s)
        wanted = exports.export_from_wire(request)
        return exports.export_to_wire(await export_encounter(wanted, self._matchers, self._store, deadline.left_s))

    async def ExportSubject(
        self, request: encounters_pb2.ExportSubjectRequest, context: Context
    ) -> encounters_pb2.ExportSubjectResponse:
        """Return all that is stored of a subject, sealed for the owner of a key."""
        subject_id = check_id(request.subject_id, "subject_id")
        subject = await self._store.get(subject_id)
        package = await asyncio.to_thread(seal_subject, subject, request.recipient_public_key)
        return encounters_pb2.ExportSubjectResponse(package=package)

    async def _set_state(
        self,
        request: encounters_pb2.ActivateEncounterRequest | encounters_pb2.DeactivateEncounterRequest,
        state: EncounterState,
    ) -> Receipt:
        (subject_id, encounter_id), request_id = _ids(request), check_request_id(request.request_id)
        digest = digest_of([state.encode(), *_named(request)])
        return await self._store.set_encounter_state(subject_id, encounter_id, state, request_id, digest)


Named = (
    encounters_pb2.GetEncounterRequest
    | encounters_pb2.ActivateEncounterRequest
    | encounters_pb2.DeactivateEncounterRequest
    | encounters_pb2.SetEncounterExpiryRequest
    | encounters_pb2.DeleteEncounterRequest
)


def _ids(request: Named) -> tuple[str, str]:
    return check_id(request.subject_id, "subject_id"), check_id(request.encounter_id, "encounter_id")


def _named(request: Named) -> tuple[bytes, bytes]:
    return request.subject_id.encode(), request.encounter_id.encode()
