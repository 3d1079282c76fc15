"""The gRPC servicer of `FingerprintService`."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.matching.v1 import matching_pb2

from biometrics.sample import EncodedMinutiae, Sample
from services.extraction import Extractor
from services.fingerprint import records_on_wire
from services.fingerprint.convert import extraction_to_wire
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.fingers import Fingers, comparable
from services.fingerprint.minutiae_records import record_of
from services.recognizer import Recognizer, Stack
from services.servicer import Context, MatchingServicer

NAME = fingerprint_pb2.DESCRIPTOR.services_by_name["FingerprintService"].full_name


class FingerprintServicer(
    MatchingServicer[FingerprintDetails, Stack, fingerprint_pb2.ExtractTemplateResponse],
    fingerprint_pb2_grpc.FingerprintServiceServicer,
):
    """The six methods of all matching services, and those for slaps and minutiae records.

    Args:
        recognizer: the use cases for fingerprints.
        extractor: image of one finger → template.
        models: the loaded models.
    """

    def __init__(
        self,
        recognizer: Recognizer[FingerprintDetails, Stack],
        extractor: Extractor[FingerprintDetails],
        models: Sequence[matching_pb2.LoadedModel],
    ) -> None:
        super().__init__(recognizer, extraction_to_wire, models)
        self.fingers = Fingers(recognizer, extractor)

    async def ExtractTemplate(
        self, request: matching_pb2.ExtractTemplateRequest, context: Context
    ) -> fingerprint_pb2.ExtractTemplateResponse:
        """Extract the template of one image, or of the one sample of a record; minutiae are taken as they are."""
        sample = await self._sample_to_extract(request)
        if isinstance(sample.source, EncodedMinutiae):
            return records_on_wire.minutiae_to_wire(comparable(sample))
        return await super().ExtractTemplate(request, context)

    async def ExtractFingers(
        self, request: fingerprint_pb2.ExtractFingersRequest, context: Context
    ) -> fingerprint_pb2.ExtractFingersResponse:
        """Cut an image of several fingers, and extract each."""
        found = await self.fingers.extract(records_on_wire.slap_from_wire(request))
        return records_on_wire.fingers_to_wire(found)

    async def ExportTemplates(
        self, request: fingerprint_pb2.ExportTemplatesRequest, context: Context
    ) -> fingerprint_pb2.ExportTemplatesResponse:
        """Write templates as a record of finger minutiae."""
        exported, record_format, most = records_on_wire.exports_from_wire(request)
        data = await self._recognizer.computed(record_of, exported, record_format, most)
        return records_on_wire.record_to_wire(data, request.format)

    def _comparable(self, sample: Sample) -> Sample:
        return comparable(sample)
