from __future__ import annotations

from math import inf

import pytest
from biofusion.fusion.v1 import decisions_pb2, jobs_pb2, subjects_pb2
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import decision_pb2
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from biometrics.template import Modality
from fusion.access.policy import Detail
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from fusion.wire.access.coarse import lessened, power_of_ten, step
from fusion.wire.answers import decision_to_wire, identification_to_wire
from tests.unit.fusion.enrolled_people import samples_of, world
from tests.unit.fusion.world import model

MATCH, NO_MATCH = decision_pb2.OUTCOME_MATCH, decision_pb2.OUTCOME_NO_MATCH
DETAILS = [Detail.COARSE, Detail.OUTCOME]


async def verification(face: float = 2.3456) -> decisions_pb2.VerifySubjectResponse:
    """The answer to samples of which the face has this LLR."""
    store, services = await world("ann")
    services[Modality.FACE].mated = face
    services[Modality.FINGERPRINT].mated = services[Modality.IRIS].mated = 5.25
    decision = await verify(VerificationRequest("ann", samples_of("ann")), services, store, model(), 1.0)
    return decisions_pb2.VerifySubjectResponse(decision=decision_to_wire(decision))


async def identification() -> decisions_pb2.IdentifySubjectsResponse:
    """The answer of a search that finds one of two."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].mated = 2.3456
    found = await identify(IdentificationRequest(samples_of("ann")), services, store, model(), 1.0)
    return identification_to_wire(found)


def numbers(message: Message) -> list[float]:
    """All numbers with a fraction in a message and those within it."""
    found = list[float]()
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            found += numbers(each) if isinstance(each, Message) else [each] if isinstance(each, float) else []
    return found


async def test_full_detail_is_left_as_it_is() -> None:
    """Nothing is changed where nothing is to be."""
    answer = await verification()
    assert await verification() == await lessened(answer, Detail.FULL)
    assert await lessened(None, Detail.COARSE) is None


async def test_coarse_values_are_on_steps() -> None:
    """LLRs are multiples of 0.5, for the sum counted from the threshold; rates are powers of ten; scores are gone."""
    answer = await verification()
    full = decision_pb2.Decision.FromString(answer.decision.SerializeToString())
    coarse = (await lessened(answer, Detail.COARSE)).decision
    assert (full.outcome, list(full.reasons), full.fmr) == (coarse.outcome, list(coarse.reasons), coarse.fmr)
    assert 0.0 == pytest.approx((coarse.llr - coarse.match_threshold_llr) % 0.5)
    assert 0.0 <= full.llr - coarse.llr < 0.5
    assert [2.0, 5.0, 5.0] == [each.comparison.llr for each in coarse.evidence]
    assert [0.0] * 3 == [each.comparison.score for each in coarse.evidence]
    assert 1e-12 == pytest.approx(coarse.fmr_bound)  # the LLR is 12.85
    for rate in (coarse.fmr_bound, *(each.comparison.fmr for each in coarse.evidence)):
        assert rate == pytest.approx(power_of_ten(rate))


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("face", [-6.0, -3.2, 0.01, 5.9])
async def test_outcomes_are_not_touched(detail: Detail, face: float) -> None:
    """Outcome, reasons, thresholds and statuses of samples are those of the full answer, whatever the scores."""
    full, less = await verification(face), await lessened(await verification(face), detail)
    for name in ("outcome", "reasons", "fmr", "match_threshold_llr", "review_threshold_llr", "fusion_model_id"):
        assert getattr(full.decision, name) == getattr(less.decision, name)
    assert [each.status for each in full.decision.evidence] == [each.status for each in less.decision.evidence]


async def test_small_changes_of_a_sample_are_not_seen() -> None:
    """Answers about samples a little more and a little less like the subject are equal."""
    near = [await lessened(await verification(face), Detail.COARSE) for face in (2.11, 2.12, 2.31)]
    assert near[0] == near[1] == near[2]
    outcomes = [await lessened(await verification(face), Detail.OUTCOME) for face in (0.1, 5.9)]
    assert outcomes[0] == outcomes[1]


async def test_an_outcome_alone_has_no_number_about_the_subject() -> None:
    """Of a search only outcomes, ids and ranks of candidates are left, and of NO_MATCH no candidate."""
    answer = await identification()
    near_miss = answer.candidates.add(subject_id="bob", rank=2, posterior=0.1)
    near_miss.decision.outcome, near_miss.decision.llr = NO_MATCH, 1.9
    less = await lessened(answer, Detail.OUTCOME)
    assert ["ann"] == [each.subject_id for each in less.candidates]
    assert MATCH == less.candidates[0].decision.outcome
    decision = less.decision
    known = {decision.match_threshold_llr, decision.review_threshold_llr, decision.fpir}
    assert known | {80.0} == set(numbers(less))  # the quality of the caller's own samples stays


async def test_probabilities_are_not_told() -> None:
    """They would tell an LLR to all its digits."""
    less = await lessened(await identification(), Detail.COARSE)
    assert (0.0, 0.0) == (less.none_posterior, less.candidates[0].posterior)


@pytest.mark.parametrize("detail", DETAILS)
async def test_checks_of_enrolments_and_results_of_jobs_are_lessened_too(detail: Detail) -> None:
    """Wherever an answer names candidates, their scores are lessened."""
    decision = decision_pb2.Decision(outcome=MATCH, llr=7.123)
    ranked = decisions_pb2.RankedSubject(subject_id="ann", decision=decision, posterior=0.987)
    check = subjects_pb2.DuplicateCheck(decision=decision, candidates=[ranked])
    answers = (
        subjects_pb2.EnrollSubjectResponse(duplicate_checks=[check]),
        jobs_pb2.ListJobResultsResponse(results=[jobs_pb2.JobResult(candidates=[ranked])]),
        decisions_pb2.CheckDuplicatesResponse(decision=decision, candidates=[ranked]),
    )
    for answer in answers:
        assert not {7.123, 0.987} & set(numbers(await lessened(answer, detail)))


@given(st.floats(-400, 400))
def test_steps(value: float) -> None:
    """A step is at most 0.5 below the value and stays where it is; a power of ten is less than ten times the rate."""
    assert -1e-6 <= value - step(value) < 0.5
    assert step(value) == step(step(value))
    rate = 10.0 ** (value / 4)
    assert 1 - 1e-6 <= power_of_ten(rate) / rate < 10 * (1 + 1e-6)
    assert (-inf, 0.0) == (step(-inf), power_of_ten(0.0))


@pytest.mark.parametrize("detail", DETAILS)
async def test_a_review_case_tells_no_more_than_its_decision_did(detail: Detail) -> None:
    """The decision in a case is lessened as it was when it was answered, and there is no posterior."""
    answer, whole = await verification(), await verification()
    case = review_pb2.ReviewCase(decision=whole.decision, posterior=0.123456)
    shown = await lessened(review_pb2.GetReviewCaseResponse(review_case=case), detail)
    await lessened(answer, detail)
    assert answer.decision == shown.review_case.decision
    assert not shown.review_case.HasField("posterior")
