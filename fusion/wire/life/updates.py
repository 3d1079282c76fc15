"""Updates of encounters: messages ↔ domain objects."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fusion.v1 import encounters_pb2

from fusion.use_cases.update import UpdateRequest, UpdateResult
from fusion.wire.requests import opened_from_wire
from fusion.wire.subjects import missing_to_wire, report_to_wire


async def update_from_wire(request: encounters_pb2.UpdateEncounterRequest) -> tuple[UpdateRequest, Sequence[str]]:
    """The update asked for, and which parts of its records are not read."""
    samples, missing, unread = await opened_from_wire(request.samples, request.missing)
    return UpdateRequest(request.request_id, request.subject_id, request.encounter_id, samples, missing), unread


def update_to_wire(
    request: UpdateRequest, unread: Sequence[str], result: UpdateResult
) -> encounters_pb2.UpdateEncounterResponse:
    """What an update did."""
    return encounters_pb2.UpdateEncounterResponse(
        consistency_token=result.token,
        reports=map(report_to_wire, result.probes),
        replayed=result.replayed,
        missing=map(missing_to_wire, request.missing),
        unread_parts=unread,
    )
