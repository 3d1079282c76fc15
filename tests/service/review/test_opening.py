"""Review cases that decisions open by themselves, in one process and over gRPC."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2
from biofusion.review.v1 import review_pb2, review_pb2_grpc
from biofusion.type.v1 import decision_pb2

from cli.stubs import FusionStubs
from infra.serving.request_ids import REQUEST_ID_HEADER
from tests.service.audit.audited_calls import another_face
from tests.service.fusion.requests import enrolment, someone

OFFICER = ("biofusion-officer", "first")


def in_band(llr: float) -> float:
    """The rate at which a MATCH needs an LLR one higher, so that this one is for review."""
    return float(10.0 ** -(llr + 1.0))


@pytest.fixture
def reviews(address: str) -> Iterator[review_pb2_grpc.ReviewServiceStub]:
    """A stub of the review service."""
    with grpc.insecure_channel(address) as channel:
        yield review_pb2_grpc.ReviewServiceStub(channel)


def test_a_verification_that_is_for_review_opens_a_case(
    either: FusionStubs, reviews: review_pb2_grpc.ReviewServiceStub
) -> None:
    """The answer names a case with the decision, blind to a reviewer; a repetition names the same one, a MATCH none."""
    subject, sample = someone(), another_face(71)
    sample.image_reference = "scan-17"
    either.subjects.EnrollSubject(enrolment(subject, another_face(71)), timeout=60)
    request = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[sample])
    matched = either.decisions.VerifySubject(request, timeout=60)
    assert (decision_pb2.OUTCOME_MATCH, "") == (matched.decision.outcome, matched.review_case)
    request.fmr = in_band(matched.decision.llr)
    metadata = [(REQUEST_ID_HEADER, str(uuid.uuid4()))]
    response = either.decisions.VerifySubject(request, metadata=metadata, timeout=60)
    assert (decision_pb2.OUTCOME_REVIEW, "") == (response.decision.outcome, response.review_case_failure)
    again = either.decisions.VerifySubject(request, metadata=metadata, timeout=60)
    assert response.review_case == again.review_case
    get = review_pb2.GetReviewCaseRequest(name=response.review_case)
    blind = reviews.GetReviewCase(get, metadata=[OFFICER], timeout=60).review_case
    assert (subject, True, "scan-17") == (blind.subject_id, blind.is_blind, blind.probe_samples[0].image_reference)
    claim = review_pb2.ClaimReviewCaseRequest(name=response.review_case)
    claimed = reviews.ClaimReviewCase(claim, metadata=[OFFICER], timeout=60).review_case
    verdict = review_pb2.DecideReviewCaseRequest(
        name=claimed.name,
        etag=claimed.etag,
        verdict=review_pb2.VERDICT_SAME,
        reason=review_pb2.VERDICT_REASON_DETAILS_AGREE,
    )
    ask = review_pb2.OpenSealedSampleRequest(name=claimed.name, side=review_pb2.REVIEW_SIDE_PROBE)
    assert sample.template == reviews.OpenSealedSample(ask, metadata=[OFFICER], timeout=60).template
    decided = reviews.DecideReviewCase(verdict, metadata=[OFFICER], timeout=60).review_case
    assert response.decision == decided.decision


def test_a_search_opens_a_case_for_each_candidate_for_review(
    either: FusionStubs, reviews: review_pb2_grpc.ReviewServiceStub
) -> None:
    """Each candidate whose decision is REVIEW has a case of its own."""
    gallery, subject = someone(), someone()
    enrolled = either.subjects.EnrollSubject(enrolment(subject, another_face(72), galleries=[gallery]), timeout=60)
    request = decisions_pb2.IdentifySubjectsRequest(
        samples=[another_face(72)], gallery=gallery, consistency_token=enrolled.consistency_token
    )
    request.fpir = in_band(either.decisions.IdentifySubjects(request, timeout=60).decision.llr)
    response = either.decisions.IdentifySubjects(request, timeout=60)
    (candidate,) = response.candidates
    assert (subject, "") == (candidate.subject_id, candidate.review_case_failure)
    get = review_pb2.GetReviewCaseRequest(name=candidate.review_case)
    assert gallery == reviews.GetReviewCase(get, timeout=60).review_case.gallery


def test_a_decision_holds_without_a_case(fusion: FusionStubs) -> None:
    """If the case cannot be opened, the decision is the same, and says why there is none."""
    subject, sample = someone(), another_face(73)
    sample.image_reference = "\n"
    fusion.subjects.EnrollSubject(enrolment(subject, another_face(73)), timeout=60)
    request = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[sample])
    request.fmr = in_band(fusion.decisions.VerifySubject(request, timeout=60).decision.llr)
    response = fusion.decisions.VerifySubject(request, timeout=60)
    assert (decision_pb2.OUTCOME_REVIEW, "", "FIELD_INVALID") == (
        response.decision.outcome,
        response.review_case,
        response.review_case_failure,
    )
