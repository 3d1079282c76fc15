"""Decisions whose review case cannot be opened."""

from __future__ import annotations

import asyncio

import pytest
from biofusion.fusion.v1 import decisions_pb2
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import decision_pb2

from biometrics.errors import ConfigurationInvalid
from fusion.decision.decision import Outcome
from fusion.wire.reviewing import MOST_CASES, Reviewing, connect_reviews, outcomes_of
from infra.settings import Settings

REVIEW, MATCH = decision_pb2.OUTCOME_REVIEW, decision_pb2.OUTCOME_MATCH


class Hanging:
    """A review service that does not answer."""

    async def open(self, _request: review_pb2.CreateReviewCaseRequest) -> str:
        """See ReviewCases."""
        await asyncio.Event().wait()
        return ""

    async def close(self) -> None:
        """See ReviewCases."""


class Counting:
    """A review service that numbers its cases by rank."""

    async def open(self, request: review_pb2.CreateReviewCaseRequest) -> str:
        """See ReviewCases."""
        return f"reviewCases/{request.rank}"

    async def close(self) -> None:
        """See ReviewCases."""


def verified(outcome: decision_pb2.Outcome.ValueType) -> decisions_pb2.VerifySubjectResponse:
    """An answer with this outcome."""
    return decisions_pb2.VerifySubjectResponse(decision=decision_pb2.Decision(outcome=outcome))


async def test_a_decision_does_not_wait_for_a_service_that_hangs() -> None:
    """It says so within the call's time."""
    response = verified(REVIEW)
    request = decisions_pb2.VerifySubjectRequest(subject_id="ann")
    await Reviewing(Hanging(), [Outcome.REVIEW]).verified(request, response, 0.01)
    assert ("", "DEADLINE_EXCEEDED") == (response.review_case, response.review_case_failure)


async def test_only_the_stated_outcomes_open_cases() -> None:
    """Of a search, the best candidates with such an outcome, each by its rank."""
    response = decisions_pb2.IdentifySubjectsResponse()
    for rank in range(1, 14):
        candidate = response.candidates.add(subject_id=f"s{rank}", rank=rank)
        candidate.decision.outcome = MATCH if rank == 2 else REVIEW
    request = decisions_pb2.IdentifySubjectsRequest()
    await Reviewing(Counting(), [Outcome.REVIEW]).searched(request, response, 60.0)
    named = [each.review_case for each in response.candidates]
    wanted = [rank for rank in range(1, 14) if rank != 2][:MOST_CASES]
    assert [f"reviewCases/{rank}" if rank in wanted else "" for rank in range(1, 14)] == named


def test_settings_that_cannot_be_used() -> None:
    """NO_MATCH opens no case; and a service of its own must know where cases are opened."""
    assert (Outcome.REVIEW, Outcome.MATCH) == outcomes_of("REVIEW, MATCH")
    with pytest.raises(ConfigurationInvalid, match="REVIEW_OUTCOMES"):
        outcomes_of("NO_MATCH")
    with pytest.raises(ConfigurationInvalid, match="REVIEW_TARGET"):
        connect_reviews(Settings(review_outcomes="REVIEW"))
    with pytest.raises(ConfigurationInvalid, match="another machine"):
        connect_reviews(Settings(review_outcomes="REVIEW", review_target="review.example:50054"))
