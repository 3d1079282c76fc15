"""Identification, verification and the fusion of scores on a real server."""

from __future__ import annotations

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, fusion_models_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from biometrics.template import Modality
from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, enrolment, eye, refused, someone


def test_enrolled_is_found_at_once(fusion: Stub) -> None:
    """A search with an enrolment's token finds the subject; the decision states its error rate and evidence."""
    subject, gallery = someone(), someone()
    token = fusion.subjects.EnrollSubject(enrolment(subject, eye(11, 0), galleries=[gallery])).consistency_token
    request = decisions_pb2.IdentifySubjectsRequest(samples=[eye(11, 1)], gallery=gallery, consistency_token=token)
    response = fusion.decisions.IdentifySubjects(request)
    assert (subject, 1) == (response.subject_id, response.searched_subject_count)
    assert decision_pb2.OUTCOME_MATCH == response.decision.outcome
    assert pytest.approx(0.01) == response.decision.fpir
    (evidence,) = response.decision.evidence
    assert decision_pb2.EVIDENCE_STATUS_COMPARED == evidence.status
    assert response.decision.llr == evidence.comparison.llr
    assert evidence.quality > 0


def test_a_stranger_is_no_match(fusion: Stub) -> None:
    """Identifying a stranger succeeds with NO_MATCH and no candidates."""
    subject, gallery = someone(), someone()
    token = fusion.subjects.EnrollSubject(enrolment(subject, eye(12, 0), galleries=[gallery])).consistency_token
    request = decisions_pb2.IdentifySubjectsRequest(samples=[eye(13, 0)], gallery=gallery, consistency_token=token)
    response = fusion.decisions.IdentifySubjects(request)
    assert ("", []) == (response.subject_id, list(response.candidates))
    assert decision_pb2.OUTCOME_NO_MATCH == response.decision.outcome


def test_verify(fusion: Stub) -> None:
    """The enrolled person is verified and another one is not; every position has evidence or a status."""
    subject = someone()
    both = (eye(14, 0), eye(15, 0, modality_pb2.POSITION_RIGHT_EYE))
    fusion.subjects.EnrollSubject(enrolment(subject, *both))
    mine = fusion.decisions.VerifySubject(
        decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[eye(14, 1)], fmr=0.001)
    )
    other = fusion.decisions.VerifySubject(decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[eye(16, 1)]))
    assert decision_pb2.OUTCOME_MATCH == mine.decision.outcome
    assert pytest.approx(0.001) == mine.decision.fmr
    assert {decision_pb2.EVIDENCE_STATUS_COMPARED, decision_pb2.EVIDENCE_STATUS_PROBE_MISSING} == {
        each.status for each in mine.decision.evidence
    }
    assert decision_pb2.OUTCOME_NO_MATCH == other.decision.outcome


def test_fuse_scores(fusion: Stub) -> None:
    """Scores of known comparators become one decision with an LLR each; an unknown comparator is refused."""
    model = fusion.models.GetFusionModel(fusion_models_pb2.GetFusionModelRequest()).model
    ids = {each.comparator_id for each in model.calibrations}
    assert {"face-cosine-1", "fingerprint-signs-1", "iris-hamming-3"} <= ids
    scores = [
        decisions_pb2.NamedScore(modality=modality_pb2.MODALITY_FACE, comparator_id="face-cosine-1", score=0.9),
        decisions_pb2.NamedScore(
            modality=modality_pb2.MODALITY_IRIS,
            position=modality_pb2.POSITION_LEFT_EYE,
            comparator_id="iris-hamming-3",
            score=20.0,
        ),
    ]
    decision = fusion.decisions.FuseScores(decisions_pb2.FuseScoresRequest(scores=scores)).decision
    assert decision_pb2.OUTCOME_MATCH == decision.outcome
    assert pytest.approx(sum(each.comparison.llr for each in decision.evidence)) == decision.llr
    assert {sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED} == {each.presentation_attack for each in decision.evidence}
    unknown = decisions_pb2.NamedScore(modality=1, comparator_id="nobody-1", score=1)
    request = decisions_pb2.FuseScoresRequest(scores=[unknown])
    assert (grpc.StatusCode.FAILED_PRECONDITION, "COMPARATOR_UNCALIBRATED") == refused(
        fusion.decisions.FuseScores, request
    )
    nan = decisions_pb2.NamedScore(modality=1, comparator_id="face-cosine-1", score=float("nan"))
    assert (INVALID, "FIELD_INVALID") == refused(
        fusion.decisions.FuseScores, decisions_pb2.FuseScoresRequest(scores=[nan])
    )


def test_all_three_modalities(fusion: Stub) -> None:
    """Face, finger and eye of one person give three pieces of evidence that add up."""
    subject = someone()
    samples = [
        sample_pb2.Sample(modality=number, image=sample_pb2.Image(data=pictures.of(modality)))
        for number, modality in enumerate(Modality, start=1)
    ]
    fusion.subjects.EnrollSubject(enrolment(subject, *samples))
    decision = fusion.decisions.VerifySubject(
        decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=samples)
    ).decision
    assert [sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED] * 3 == [each.presentation_attack for each in decision.evidence]
    assert pytest.approx(sum(each.comparison.llr for each in decision.evidence)) == decision.llr


def test_our_own_model_may_be_named(fusion: Stub) -> None:
    """The id of GetFusionModel decides as no id does; more scores than 1,000 are refused by their number."""
    model_id = fusion.models.GetFusionModel(fusion_models_pb2.GetFusionModelRequest()).model.fusion_model_id
    score = decisions_pb2.NamedScore(modality=modality_pb2.MODALITY_FACE, comparator_id="face-cosine-1", score=0.9)
    named, unnamed = (
        fusion.decisions.FuseScores(decisions_pb2.FuseScoresRequest(scores=[score], fusion_model_id=each)).decision
        for each in (model_id, "")
    )
    assert named == unnamed
    with pytest.raises(grpc.RpcError, match="scores: 1 to 1000 are needed, 1001 were sent"):
        fusion.decisions.FuseScores(decisions_pb2.FuseScoresRequest(scores=[score] * 1001))
