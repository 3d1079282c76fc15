"""Exports: messages ↔ domain objects."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fusion.v1 import encounters_pb2
from biofusion.type.v1 import modality_pb2, record_pb2

from fusion.use_cases.export import ExportRequest, WrittenRecord
from infra.wire.convert import position_to_wire, stated
from infra.wire.fingers import fingers_from_wire
from infra.wire.records import FORMATS


def export_from_wire(request: encounters_pb2.ExportEncounterRequest) -> ExportRequest:
    """The export asked for."""
    positions = fingers_from_wire(request.positions, "positions")
    most = stated(request, "max_minutia_count", request.max_minutia_count)
    return ExportRequest(request.subject_id, request.encounter_id, FORMATS.from_wire(request.format), positions, most)


def export_to_wire(written: Sequence[WrittenRecord]) -> encounters_pb2.ExportEncounterResponse:
    """The records that were written."""
    unspecified = modality_pb2.POSITION_UNSPECIFIED
    return encounters_pb2.ExportEncounterResponse(
        records=[record_pb2.Record(data=each.data, format=FORMATS.to_wire(each.format)) for each in written],
        positions=[position_to_wire(each.position) if each.position else unspecified for each in written],
    )
