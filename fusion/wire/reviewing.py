"""Opens review cases for decisions of some outcomes. A decision holds whether its case could be opened or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import grpc
from biofusion.fusion.v1 import decisions_pb2
from biofusion.review.v1 import review_pb2, review_pb2_grpc
from biofusion.type.v1 import decision_pb2, sample_pb2

from biometrics.errors import BiofusionError, ConfigurationInvalid, ServiceUnavailable
from fusion.decision.decision import Outcome
from fusion.matching.connect import channel_to, files_of, require_safe
from fusion.wire.answers import OUTCOMES
from infra.identity.visit import current_visit
from infra.requests.idempotence import derived_uuid, digest_of
from infra.serving.request_ids import current_request_id, metadata_of_call
from infra.settings import Settings
from infra.wire.status import error_info

LONGEST_S, SHARE = 2.0, 0.8
"""A decision waits for its cases at most so many seconds, and so much of what is left of the call's time."""
MOST_IMAGE = 8 << 20
"""Most bytes of an image that the review service takes."""
MOST_CASES = 10
"""Candidates of a search for which a case is opened, the best."""

Searched = decisions_pb2.IdentifySubjectsResponse | decisions_pb2.CheckDuplicatesResponse


class ReviewCases(Protocol):
    """Where cases are opened."""

    async def open(self, request: review_pb2.CreateReviewCaseRequest) -> str:
        """Open a case, and return its name. Raises BiofusionError."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


class RemoteReviewCases:
    """The review service of another process.

    Args:
        channel: to it.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel, self._stub = channel, review_pb2_grpc.ReviewServiceStub(channel)

    async def open(self, request: review_pb2.CreateReviewCaseRequest) -> str:
        """See ReviewCases."""
        metadata = (*metadata_of_call(), *current_visit.get().intent.metadata)
        try:
            response = await self._stub.CreateReviewCase(request, metadata=metadata, timeout=LONGEST_S)
        except grpc.aio.AioRpcError as error:
            reason = error_info(error.trailing_metadata()).reason or error.code().name
            raise ServiceUnavailable(
                "The review service does not open the case.", reason=reason, cause="REVIEW"
            ) from error
        return str(response.review_case.name)

    async def close(self) -> None:
        """See ReviewCases."""
        await self._channel.close()


class Reviewing:
    """Opens cases for the answers of decisions.

    Args:
        cases: where.
        outcomes: of which.
        with_samples: whether the request's images and templates go with the case, to be sealed there.
    """

    def __init__(self, cases: ReviewCases, outcomes: Sequence[Outcome], *, with_samples: bool = False) -> None:
        self._cases, self._outcomes = cases, frozenset(map(OUTCOMES.to_wire, outcomes))
        self._sample = _with_content if with_samples else _named

    async def verified(
        self, request: decisions_pb2.VerifySubjectRequest, response: decisions_pb2.VerifySubjectResponse, left_s: float
    ) -> None:
        """Open a case if the decision asks for one, and name it in the answer.

        Args:
            request: of VerifySubject.
            response: its answer.
            left_s: of the call's time.
        """
        if response.decision.outcome in self._outcomes:
            new = self._case(request, request.subject_id, response.decision)
            await self._opened(new, response, left_s)

    async def searched(self, request: Any, response: Searched, left_s: float) -> None:
        """Open a case for each of the best candidates whose decision asks for one, and name it there.

        Args:
            request: of IdentifySubjects or CheckDuplicates.
            response: its answer.
            left_s: of the call's time.
        """
        found = [each for each in response.candidates if each.decision.outcome in self._outcomes][:MOST_CASES]
        news = [self._case(request, each.subject_id, each.decision) for each in found]
        for new, each in zip(news, found, strict=True):
            new.rank, new.posterior, new.gallery = each.rank, each.posterior, request.gallery
            new.probe_subject_id = request.enrolled_probe.subject_id
        await asyncio.gather(*(self._opened(new, each, left_s) for new, each in zip(news, found, strict=True)))

    def _case(
        self, request: Any, subject_id: str, decision: decision_pb2.Decision
    ) -> review_pb2.CreateReviewCaseRequest:
        """The request for a case. Its id is of this call and subject, so that a repeated call opens no other one."""
        content = digest_of([request.SerializeToString(deterministic=True)])
        return review_pb2.CreateReviewCaseRequest(
            request_id=derived_uuid(f"{current_request_id.get()}\n{content}\n{subject_id}"),
            subject_id=subject_id,
            decision=decision,
            probe_samples=map(self._sample, request.samples),
        )

    async def _opened(
        self,
        new: review_pb2.CreateReviewCaseRequest,
        told: decisions_pb2.VerifySubjectResponse | decisions_pb2.RankedSubject,
        left_s: float,
    ) -> None:
        try:
            async with asyncio.timeout(min(LONGEST_S, SHARE * left_s)):
                told.review_case = await self._cases.open(new)
        except BiofusionError as error:
            told.review_case_failure = error.reason
        except TimeoutError:
            told.review_case_failure = "DEADLINE_EXCEEDED"


def connect_reviews(settings: Settings) -> RemoteReviewCases | None:
    """The review service that the settings name, on a new channel; None if they name none.

    Raises:
        ConfigurationInvalid: cases are to be opened, and nowhere; or calls would not be protected.
    """
    if not settings.review_target:
        if settings.review_outcomes:
            raise ConfigurationInvalid("BIOFUSION_REVIEW_OUTCOMES needs BIOFUSION_REVIEW_TARGET, the review service.")
        return None
    require_safe(settings, "REVIEW", settings.review_target)
    return RemoteReviewCases(channel_to(settings.review_target, settings.max_message_bytes, files_of(settings)))


def outcomes_of(setting: str) -> tuple[Outcome, ...]:
    """The outcomes that the setting names.

    Raises:
        ConfigurationInvalid: one is none of which a case can be opened.
    """
    names = [each.strip() for each in setting.split(",") if each.strip()]
    if not set(names) <= {Outcome.REVIEW.value, Outcome.MATCH.value}:
        raise ConfigurationInvalid("BIOFUSION_REVIEW_OUTCOMES is to be REVIEW, or REVIEW,MATCH.")
    return tuple(map(Outcome, names))


def _named(sample: sample_pb2.Sample) -> review_pb2.ReviewSample:
    """What a sample is of, and the name of its picture."""
    return review_pb2.ReviewSample(
        modality=sample.modality or sample.template.modality,
        position=sample.position,
        image_reference=sample.image_reference,
    )


def _with_content(sample: sample_pb2.Sample) -> review_pb2.ReviewSample:
    """The same with its image or template; an image that is too large to be sealed is left out."""
    named = _named(sample)
    if len(sample.image.data) <= MOST_IMAGE:
        named.image = sample.image.data
    if sample.HasField("template"):
        named.template.CopyFrom(sample.template)
    return named
