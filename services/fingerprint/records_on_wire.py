"""Slaps and minutiae records of the fingerprint service ↔ messages."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fingerprint.v1 import fingerprint_pb2
from biofusion.type.v1 import record_pb2
from biofusion.type.v1.sample_pb2 import PRESENTATION_ATTACK_NOT_ASSESSED

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample, SlapImage
from biometrics.slap import Segment
from biometrics.template import Modality, Template, check_position
from formats.contents import RecordFormat
from infra.wire.convert import (
    SLAPS,
    image_from_wire,
    position_from_wire,
    position_to_wire,
    quality_to_wire,
    stated,
    template_from_wire,
    template_to_wire,
)
from infra.wire.field_paths import at, each_located
from infra.wire.fingers import fingers_from_wire
from infra.wire.records import FORMATS
from infra.wire.resolutions import resolution_to_wire
from services.fingerprint.minutiae_records import Exported
from services.fingerprint.slap_extraction import ExtractedFinger

MAX_SEGMENTS = 10


def slap_from_wire(request: fingerprint_pb2.ExtractFingersRequest) -> SlapImage:
    """The slap to be cut.

    Raises:
        FieldInvalid: a resolution out of range, no slap stated, or a position of no finger.
    """
    if len(request.segments) > MAX_SEGMENTS or len(request.missing) > MAX_SEGMENTS:
        raise FieldInvalid("segments", f"at most {MAX_SEGMENTS} segments and missing fingers are allowed.")
    with at("image"):
        image = image_from_wire(request.image)
    missing = fingers_from_wire(request.missing, "missing")
    segments = tuple(each_located(_segment_from_wire, request.segments, "segments"))
    return SlapImage(image, SLAPS.from_wire(request.slap), segments, missing)


def fingers_to_wire(found: Sequence[ExtractedFinger]) -> fingerprint_pb2.ExtractFingersResponse:
    """The fingers of a slap."""
    return fingerprint_pb2.ExtractFingersResponse(fingers=map(_finger_to_wire, found))


def minutiae_to_wire(sample: Sample) -> fingerprint_pb2.ExtractTemplateResponse:
    """The template of minutiae of others. Its quality is what the record claims, and is not measured here."""
    assert isinstance(sample.source, Template)
    return fingerprint_pb2.ExtractTemplateResponse(template=template_to_wire(sample.source))


def exports_from_wire(
    request: fingerprint_pb2.ExportTemplatesRequest,
) -> tuple[list[Exported], RecordFormat, int | None]:
    """Templates, format, and most minutiae of each."""
    exported = list(each_located(_exported_from_wire, request.templates, "templates"))
    most = stated(request, "max_minutia_count", request.max_minutia_count)
    return exported, FORMATS.from_wire(request.format), most


def record_to_wire(
    data: bytes, record_format: record_pb2.RecordFormat.ValueType
) -> fingerprint_pb2.ExportTemplatesResponse:
    """A record that was written."""
    return fingerprint_pb2.ExportTemplatesResponse(record=record_pb2.Record(data=data, format=record_format))


def _segment_from_wire(segment: fingerprint_pb2.Segment) -> Segment:
    position = check_position(Modality.FINGERPRINT, position_from_wire(segment.position))
    return Segment(position, segment.left_px, segment.top_px, segment.right_px, segment.bottom_px)


def _segment_to_wire(segment: Segment) -> fingerprint_pb2.Segment:
    return fingerprint_pb2.Segment(
        position=position_to_wire(segment.position),
        left_px=segment.left,
        top_px=segment.top,
        right_px=segment.right,
        bottom_px=segment.bottom,
    )


def _finger_to_wire(each: ExtractedFinger) -> fingerprint_pb2.CutFinger:
    segment, confidence = _segment_to_wire(each.finger.segment), each.finger.confidence
    if each.extraction is None:
        reason = each.failure.reason if each.failure else ""
        return fingerprint_pb2.CutFinger(
            segment=segment,
            confidence=confidence,
            failure_reason=reason,
            presentation_attack=PRESENTATION_ATTACK_NOT_ASSESSED,
        )
    return fingerprint_pb2.CutFinger(
        segment=segment,
        confidence=confidence,
        template=template_to_wire(each.extraction.template),
        quality=quality_to_wire(each.extraction.quality),
        resolution=resolution_to_wire(each.extraction.details.resolution),
        presentation_attack=PRESENTATION_ATTACK_NOT_ASSESSED,
    )


def _exported_from_wire(export: fingerprint_pb2.TemplateExport) -> Exported:
    with at("template"):
        template = template_from_wire(export.template, Modality.FINGERPRINT)
    position = check_position(Modality.FINGERPRINT, position_from_wire(export.position))
    return Exported(template, position, stated(export, "quality", export.quality))
