"""The adapter of the fingerprint service's own methods over gRPC."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import grpc
from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import record_pb2, sample_pb2

from biometrics.resolution import Resolution
from biometrics.sample import EncodedMinutiae, SlapImage
from biometrics.slap import Segment
from biometrics.template import Modality, Template
from formats.contents import RecordFormat
from fusion.matching.diagnosis import Diagnoser
from fusion.matching.finger_port import CutFinger, Exported
from fusion.matching.matcher_errors import understood
from fusion.matching.matchers import GrpcMatcher
from infra.wire import convert
from infra.wire.resolutions import resolution_from_wire


class GrpcFingerMatcher(GrpcMatcher):
    """A Matcher and FingerMatcher over a gRPC channel. Arguments as of GrpcMatcher."""

    def __init__(
        self, modality: Modality, channel: grpc.aio.Channel, diagnoser: Diagnoser, calibrated: Collection[str] = ()
    ) -> None:
        super().__init__(modality, channel, diagnoser, calibrated)
        self._fingers = fingerprint_pb2_grpc.FingerprintServiceStub(channel)

    def resolution_of(self, response: object) -> Resolution | None:
        """The resolution in the details of an extraction."""
        if not isinstance(response, fingerprint_pb2.ExtractTemplateResponse) or not response.HasField("details"):
            return None
        found = response.details
        return resolution_from_wire(
            sample_pb2.Resolution(
                horizontal_dpi=found.resolution_dpi,
                vertical_dpi=found.vertical_resolution_dpi,
                source=found.resolution_source,
            )
        )

    async def template_of(self, minutiae: EncodedMinutiae, timeout_s: float) -> Template:
        """The template of minutiae that another extractor found."""
        request = matching_pb2.ExtractTemplateRequest(record=convert.minutiae_to_wire(minutiae))
        response = await self.call(self._fingers.ExtractTemplate, request, timeout_s)
        with understood(self.modality):
            return convert.template_from_wire(response.template, self.modality)

    async def extract_fingers(self, slap: SlapImage, timeout_s: float) -> list[CutFinger]:
        """Cut a slap, and extract each finger."""
        request = fingerprint_pb2.ExtractFingersRequest(
            image=convert.image_to_wire(slap.image),
            slap=record_pb2.Slap.Value(f"SLAP_{slap.slap}"),
            segments=map(_segment, slap.segments),
            missing=map(convert.position_to_wire, slap.missing),
        )
        response = await self.call(self._fingers.ExtractFingers, request, timeout_s)
        with understood(self.modality):
            return [self._finger(each) for each in response.fingers]

    async def export(
        self, templates: Sequence[Exported], record_format: RecordFormat, most: int | None, timeout_s: float
    ) -> bytes:
        """Write templates as a record of minutiae."""
        request = fingerprint_pb2.ExportTemplatesRequest(
            templates=map(_exported, templates),
            format=record_pb2.RecordFormat.Value(f"RECORD_FORMAT_{record_format}"),
            max_minutia_count=most,
        )
        response = await self.call(self._fingers.ExportTemplates, request, timeout_s)
        return response.record.data

    def _finger(self, finger: fingerprint_pb2.CutFinger) -> CutFinger:
        position = convert.known_position(finger.segment.position)
        if not finger.HasField("template"):
            return CutFinger(position, finger.confidence, failure_reason=finger.failure_reason or "UNKNOWN")
        return CutFinger(
            position,
            finger.confidence,
            convert.template_from_wire(finger.template, self.modality),
            convert.quality_from_wire(finger.quality),
            resolution_from_wire(finger.resolution),
        )


def _segment(segment: Segment) -> fingerprint_pb2.Segment:
    return fingerprint_pb2.Segment(
        position=convert.position_to_wire(segment.position),
        left_px=segment.left,
        top_px=segment.top,
        right_px=segment.right,
        bottom_px=segment.bottom,
    )


def _exported(each: Exported) -> fingerprint_pb2.TemplateExport:
    return fingerprint_pb2.TemplateExport(
        template=convert.template_to_wire(each.template),
        position=convert.position_to_wire(each.position),
        quality=each.quality,
    )
