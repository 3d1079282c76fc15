"""Wire → domain → wire for the five methods that every matching service has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from types import ModuleType
from typing import Any

from biofusion.type.v1 import comparison_pb2

from gallery.index.content import EVERY_GALLERY
from gallery.store.values import ConsistencyToken
from infra.wire import convert
from infra.wire.turns import in_turns
from services.recognizer import Recognizer


class MatchingServicer:
    """The methods shared by the matching services; each request and response is of the service's own package.

    Args:
        recognizer: the use cases.
        messages: the generated module of the service's messages.
        details_to_wire: converts what was found in a sample to the service's `…Details` message.
        models: the models that run, for GetServiceInfo.
    """

    def __init__(
        self,
        recognizer: Recognizer[Any, Any],
        messages: ModuleType,
        details_to_wire: Callable[[Any], Any],
        models: Sequence[comparison_pb2.LoadedModel],
    ) -> None:
        self._recognizer = recognizer
        self._messages = messages
        self._details_to_wire = details_to_wire
        self._models = models

    async def ExtractTemplate(self, request: Any, context: Any) -> Any:
        """Extract the template of one image."""
        image, position = convert.image_from_wire(request.image), convert.position_from_wire(request.position)
        extraction = await self._recognizer.extract(image, position)
        return self._messages.ExtractTemplateResponse(
            template=convert.template_to_wire(extraction.template),
            quality=convert.quality_to_wire(extraction.quality),
            details=self._details_to_wire(extraction.details),
        )

    async def CompareTemplates(self, request: Any, context: Any) -> Any:
        """Compare one probe with references."""
        probe = convert.template_from_wire(request.probe, self._recognizer.modality)
        from_wire = partial(convert.template_from_wire, default=self._recognizer.modality)
        references = await in_turns(from_wire, request.references)
        comparisons = await self._recognizer.compare(probe, references)
        wire = await in_turns(convert.comparison_to_wire, comparisons)
        return self._messages.CompareTemplatesResponse(comparisons=wire)

    async def SearchGallery(self, request: Any, context: Any) -> Any:
        """Search a gallery."""
        result = await self._recognizer.search(
            convert.sample_from_wire(request.probe, self._recognizer.modality),
            request.gallery,
            request.max_candidate_count,
            ConsistencyToken(request.consistency_token),
        )
        return self._messages.SearchGalleryResponse(
            candidates=map(convert.candidate_to_wire, result.candidates),
            searched_subject_count=result.subject_count,
        )

    async def ScoreSubjects(self, request: Any, context: Any) -> Any:
        """Score named subjects."""
        candidates = await self._recognizer.score_subjects(
            convert.sample_from_wire(request.probe, self._recognizer.modality),
            request.subject_ids,
            ConsistencyToken(request.consistency_token),
        )
        return self._messages.ScoreSubjectsResponse(candidates=map(convert.candidate_to_wire, candidates))

    async def GetServiceInfo(self, request: Any, context: Any) -> Any:
        """Say what the service is made of."""
        recognizer = self._recognizer
        info = comparison_pb2.ServiceInfo(
            modality=convert.modality_to_wire(recognizer.modality),
            model_id=recognizer.calibration.model_id,
            comparator_id=recognizer.calibration.comparator_id,
            calibration=convert.calibration_to_wire(recognizer.calibration),
            models=self._models,
            subject_count=recognizer.index.count(EVERY_GALLERY) if recognizer.index.is_ready else 0,
            consistency_token=recognizer.index.applied,
            version=version("biofusion"),
        )
        return self._messages.GetServiceInfoResponse(info=info)
