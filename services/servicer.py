"""The six gRPC methods that every matching service has: converts requests and responses, calls the use cases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Generic, TypeAlias, TypeVar

import grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.errors import FieldInvalid, InvalidInput, RecordUnsupported
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Template
from gallery.index.state import EVERY_GALLERY
from gallery.store.values import ConsistencyToken
from infra.wire import convert, records
from infra.wire.calibrations import calibration_to_wire
from infra.wire.explanations.explanation import explanation_to_wire
from infra.wire.field_paths import at, located, renamed
from infra.wire.turns import in_turns
from services.extraction import Extraction
from services.recognizer import Recognizer, Stack
from services.template_scores import MAX_REFERENCES, check_count

Details = TypeVar("Details")
Extracted = TypeVar("Extracted")
"""The service's own ExtractTemplateResponse, with the details of its modality."""

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class MatchingServicer(Generic[Details, Stack, Extracted]):
    """The methods that the matching services share; all messages but one are those of `biofusion.matching.v1`.

    Args:
        recognizer: the use cases.
        extraction_to_wire: converts an extraction to the service's own response.
        models: the loaded models, for GetServiceInfo.
    """

    def __init__(
        self,
        recognizer: Recognizer[Details, Stack],
        extraction_to_wire: Callable[[Extraction[Details]], Extracted],
        models: Sequence[matching_pb2.LoadedModel],
    ) -> None:
        self._recognizer = recognizer
        self._extraction_to_wire = extraction_to_wire
        self._models = models

    async def ExtractTemplate(self, request: matching_pb2.ExtractTemplateRequest, context: Context) -> Extracted:
        """Extract the template of one image, or of the one sample of a record."""
        sample = await self._sample_to_extract(request)
        if not isinstance(sample.source, EncodedImage):
            raise RecordUnsupported(f"The record holds no image of a {self._recognizer.modality}.")
        with renamed("image", "record", is_meant=request.HasField("record")):
            return self._extraction_to_wire(await self._recognizer.extract(sample.source, sample.position))

    async def CompareTemplates(
        self, request: matching_pb2.CompareTemplatesRequest, context: Context
    ) -> matching_pb2.CompareTemplatesResponse:
        """Compare one probe with references."""
        check_count("references", len(request.references), MAX_REFERENCES)
        probe = self._template(convert.stated(request, "probe", request.probe), "probe")
        references = await in_turns(self._reference, list(enumerate(request.references)))
        comparisons = await self._recognizer.compare(probe, references)
        wire = await in_turns(convert.comparison_to_wire, comparisons)
        return matching_pb2.CompareTemplatesResponse(comparisons=wire)

    async def ExplainComparison(
        self, request: matching_pb2.ExplainComparisonRequest, context: Context
    ) -> matching_pb2.ExplainComparisonResponse:
        """Compare two templates, and show what the score is made of."""
        probe = self._template(convert.stated(request, "probe", request.probe), "probe")
        reference = self._template(convert.stated(request, "reference", request.reference), "reference")
        found = await self._recognizer.template_scores.explain(probe, reference)
        return matching_pb2.ExplainComparisonResponse(explanation=explanation_to_wire(found))

    async def SearchGallery(
        self, request: matching_pb2.SearchGalleryRequest, context: Context
    ) -> matching_pb2.SearchGalleryResponse:
        """Search a gallery."""
        probe = await self._probe(request.probe)
        with renamed("probe.image", "probe.record", is_meant=request.probe.HasField("record")):
            result = await self._recognizer.search(
                probe,
                request.gallery,
                convert.stated(request, "max_candidate_count", request.max_candidate_count),
                ConsistencyToken(request.consistency_token),
            )
        return matching_pb2.SearchGalleryResponse(
            candidates=map(convert.candidate_to_wire, result.candidates),
            searched_subject_count=result.subject_count,
            unsearched_partition_count=result.unsearched_count,
        )

    async def ScoreSubjects(
        self, request: matching_pb2.ScoreSubjectsRequest, context: Context
    ) -> matching_pb2.ScoreSubjectsResponse:
        """Score named subjects."""
        probe, token = await self._probe(request.probe), ConsistencyToken(request.consistency_token)
        with renamed("probe.image", "probe.record", is_meant=request.probe.HasField("record")):
            candidates = await self._recognizer.score_subjects(probe, request.subject_ids, token)
        return matching_pb2.ScoreSubjectsResponse(candidates=map(convert.candidate_to_wire, candidates))

    async def GetServiceInfo(
        self, request: matching_pb2.GetServiceInfoRequest, context: Context
    ) -> matching_pb2.GetServiceInfoResponse:
        """Report the service's models, calibration, version and index state."""
        recognizer = self._recognizer
        index = recognizer.index
        count = await asyncio.to_thread(index.count, EVERY_GALLERY) if index.is_ready else 0
        info = matching_pb2.ServiceInfo(
            modality=convert.modality_to_wire(recognizer.modality),
            model_id=recognizer.calibration.model_id,
            comparator_id=recognizer.calibration.comparator_id,
            calibration=calibration_to_wire(recognizer.calibration),
            models=self._models,
            subject_count=count,
            consistency_token=index.applied,
            version=version("biofusion"),
            unreadable_subject_count=index.unreadable_count,
            compared_models=await asyncio.to_thread(self._compared_models),
        )
        return matching_pb2.GetServiceInfoResponse(info=info)

    def _compared_models(self) -> list[matching_pb2.ComparedModel]:
        index = self._recognizer.index
        return [
            matching_pb2.ComparedModel(
                model_id=each.model_id,
                comparator_id=each.calibration.comparator_id,
                calibration=calibration_to_wire(each.calibration),
                subject_count=index.count_of(each.model_id) if index.is_ready else 0,
            )
            for each in self._recognizer.models
        ]

    async def _sample_to_extract(self, request: matching_pb2.ExtractTemplateRequest) -> Sample:
        if request.HasField("record"):
            if request.HasField("image"):
                raise FieldInvalid("record", "send either an image or a record, not both.")
            message = sample_pb2.Sample(position=request.position, record=request.record)
            return await records.single(message, self._recognizer.modality)
        with at("image"):
            image = convert.image_from_wire(request.image)
        return Sample(self._recognizer.modality, convert.position_from_wire(request.position), image)

    async def _probe(self, message: sample_pb2.Sample) -> Sample:
        with at("probe"):
            return self._comparable(await records.single(message, self._recognizer.modality))

    def _comparable(self, sample: Sample) -> Sample:
        """The sample as an image or a template."""
        return sample

    def _template(self, sent: sample_pb2.Template | None, name: str) -> Template:
        if sent is None:
            raise FieldInvalid(name, "send the template to compare.")
        with at(name):
            return convert.template_from_wire(sent, self._recognizer.modality)

    def _reference(self, numbered: tuple[int, sample_pb2.Template]) -> Template:
        number, template = numbered
        try:
            return convert.template_from_wire(template, self._recognizer.modality)
        except InvalidInput as error:
            raise located(error, f"references[{number}]") from None
