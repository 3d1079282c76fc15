"""The port to a modality's matching service, and its adapter over gRPC."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple, Protocol

import grpc
from biofusion.matching.v1 import matching_pb2

from biometrics.explanation import Explanation
from biometrics.quality import Quality
from biometrics.resolution import Resolution
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.matching.breaker import Breaker, HealthPing
from fusion.matching.diagnosis import Diagnoser
from fusion.matching.matcher_errors import domain_error, is_unreachable, not_understood, understood
from fusion.matching.stubs import Answer, Method, Request, stub_of
from gallery.store.values import ConsistencyToken
from infra.serving.request_ids import metadata_of_call
from infra.wire import convert
from infra.wire.explanations.explanation import explanation_from_wire


@dataclass(frozen=True, slots=True)
class Hit:
    """The best of `comparison_count` raw scores of a probe with the references of one subject.

    Args:
        subject_id: the subject.
        score: raw output of the comparator.
        reference_position: position of the reference that scored best.
        comparison_count: how many references were compared.
        comparator_id: what the score is calibrated as; "" for the comparator of the modality's own model.
        model_id: model of the reference; "" for the one that this comparator was calibrated with.
    """

    subject_id: str
    score: float
    reference_position: Position
    comparison_count: int
    comparator_id: str = ""
    model_id: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Result of a search.

    Args:
        hits: the best subjects.
        subject_count: how many subjects have a reference of the modality.
        unsearched_count: how many partitions of the gallery could not be searched in time; their subjects may be
            missing from the hits.
    """

    hits: list[Hit]
    subject_count: int
    unsearched_count: int = 0


class Extracted(NamedTuple):
    """What was extracted of an image.

    Args:
        template: its template.
        quality: its quality.
        resolution: at which it was read, where that matters and is known.
    """

    template: Template
    quality: Quality
    resolution: Resolution | None = None


class Matcher(Protocol):
    """One modality's matching service.

    Every method raises ServiceUnavailable if the service does not answer within `timeout_s`, hangs, or gives an answer
    that is not valid; InvalidInput, AcquisitionFailed or TemplateModelMismatch if it refuses the sample; and Overloaded
    if it is overloaded, which fails the request: a decision without this modality would be a different one.
    """

    @property
    def modality(self) -> Modality:
        """Modality of the service."""

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """Extract an image's template."""

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Raw scores of a probe against references, in order."""

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """The subjects of a gallery most like the probe."""

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Scores against named subjects."""


class GrpcMatcher:
    """A Matcher over a gRPC channel.

    The service may be of a newer or an older version: positions that this version does not know become UNKNOWN, unknown
    reasons are left out, and an answer that cannot be used is ServiceUnavailable with the cause VERSION_SKEW.

    Args:
        modality: modality of the service.
        channel: to the service; closed with the matcher.
        diagnoser: diagnoses why the service cannot be reached.
        calibrated: the comparators whose scores can be used; none named: all.
    """

    def __init__(
        self, modality: Modality, channel: grpc.aio.Channel, diagnoser: Diagnoser, calibrated: Collection[str] = ()
    ) -> None:
        self.modality = modality
        self._calibrated = calibrated
        self._channel = channel
        self._stub = stub_of(modality, channel)
        self._breaker = Breaker(modality.lower(), HealthPing(channel))
        self._diagnoser = diagnoser

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """Extract an image's template."""
        picture, place = convert.image_to_wire(image), convert.position_to_wire(position)
        request = matching_pb2.ExtractTemplateRequest(image=picture, position=place)
        response = await self.call(self._stub.ExtractTemplate, request, timeout_s)
        with understood(self.modality):
            template = convert.template_from_wire(response.template, self.modality)
            template.require(self.modality, template.model_id)
            return Extracted(template, convert.quality_from_wire(response.quality), self.resolution_of(response))

    def resolution_of(self, response: object) -> Resolution | None:  # noqa: ARG002  # of fingerprints
        """The resolution that an extraction used; None where it does not matter."""
        return None

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Raw scores of a probe against references, in order."""
        wire = convert.template_to_wire
        request = matching_pb2.CompareTemplatesRequest(probe=wire(probe), references=map(wire, references))
        response = await self.call(self._stub.CompareTemplates, request, timeout_s)
        with understood(self.modality):
            return [_finite(each.score) for _, each in zip(references, response.comparisons, strict=True)]

    async def explain(self, probe: Template, reference: Template, timeout_s: float) -> Explanation:
        """What a comparison of two templates rests on."""
        wire = convert.template_to_wire
        request = matching_pb2.ExplainComparisonRequest(probe=wire(probe), reference=wire(reference))
        response = await self.call(self._stub.ExplainComparison, request, timeout_s)
        with understood(self.modality):
            return explanation_from_wire(response.explanation)

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """The subjects of a gallery most like the probe."""
        request = matching_pb2.SearchGalleryRequest(
            probe=convert.sample_to_wire(probe), gallery=gallery, max_candidate_count=limit, consistency_token=token
        )
        response = await self.call(self._stub.SearchGallery, request, timeout_s)
        with understood(self.modality):
            hits = [self._hit(candidate) for candidate in response.candidates]
            count = max(response.searched_subject_count, len(hits))
            return Found(hits, count, max(0, response.unsearched_partition_count))

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Scores against named subjects."""
        request = matching_pb2.ScoreSubjectsRequest(
            probe=convert.sample_to_wire(probe), subject_ids=subject_ids, consistency_token=token
        )
        response = await self.call(self._stub.ScoreSubjects, request, timeout_s)
        with understood(self.modality):
            return [self._hit(candidate) for candidate in response.candidates]

    async def close(self) -> None:
        """Close the channel."""
        self._breaker.close()
        await self._channel.close()

    def _hit(self, candidate: matching_pb2.Candidate) -> Hit:
        comparator_id = candidate.comparison.comparator_id
        if not candidate.subject_id:
            raise ValueError("a candidate without a subject")
        if comparator_id and self._calibrated and comparator_id not in self._calibrated:
            raise ValueError("a score by a comparator without a calibration")
        return Hit(
            candidate.subject_id,
            _finite(candidate.comparison.score),
            convert.known_position(candidate.reference_position),
            max(1, candidate.comparison_count),
            comparator_id,
            candidate.reference_model_id,
        )

    async def call(self, method: Method[Request, Answer], request: Request, timeout_s: float) -> Answer:
        """Call a method, unless the service hangs. Raises the errors of Matcher."""
        self._breaker.check()
        call = method(request, timeout=timeout_s, metadata=metadata_of_call())
        try:
            with self._breaker.waiting_for(call):
                answer = await call
        except grpc.aio.AioRpcError as error:
            fault = await self._diagnoser.fault(error.details() or "") if is_unreachable(error) else None
            raise domain_error(error, self.modality, fault) from error
        self._diagnoser.is_well()
        if answer is None:  # gRPC returns None for bytes that do not parse
            raise not_understood(self.modality)
        return answer


def _finite(score: float) -> float:
    if not isfinite(score):
        raise ValueError("a score that is no number")
    return score
