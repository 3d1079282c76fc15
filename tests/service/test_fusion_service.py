from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, fusion_models_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from biometrics.template import Modality
from cli.stubs import FusionStubs
from infra.wire.status import error_info
from tests.service import pictures

Stub = FusionStubs
INVALID, EXISTS = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ALREADY_EXISTS


def eye(identity: int, capture: int, position: int = modality_pb2.POSITION_LEFT_EYE) -> sample_pb2.Sample:
    """A rendered eye as a sample."""
    image = sample_pb2.Image(data=pictures.eye(identity, capture))
    return sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, position=position, image=image)


def enrolment(subject_id: str, *samples: sample_pb2.Sample, **fields: object) -> subjects_pb2.EnrollSubjectRequest:
    """A request to enrol a new subject."""
    fields.setdefault("request_id", str(uuid.uuid4()))
    return subjects_pb2.EnrollSubjectRequest(subject_id=subject_id, samples=samples, **fields)


def refused(call: Any, request: Any) -> tuple[grpc.StatusCode, str]:
    """Status code and reason of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call(request, timeout=60)
    return caught.value.code(), error_info(caught.value.trailing_metadata()).reason


def someone() -> str:
    """A subject id and gallery name that no other test uses."""
    return f"s-{uuid.uuid4()}"


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


def test_get_list_delete(fusion: Stub) -> None:
    """A subject is read and listed without its templates, and after deletion it is not found."""
    subject, gallery = someone(), someone()
    missing = sample_pb2.MissingPosition(
        modality=modality_pb2.MODALITY_IRIS,
        position=modality_pb2.POSITION_RIGHT_EYE,
        reason=modality_pb2.MISSING_REASON_BANDAGED,
    )
    fusion.subjects.EnrollSubject(enrolment(subject, eye(17, 0), galleries=[gallery], missing=[missing]))
    stored = fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject)).subject
    assert ([gallery], [missing]) == (list(stored.galleries), list(stored.encounters[0].missing))
    assert ["iris-gabor-2"] == [reference.model_id for reference in stored.encounters[0].references]
    listed = fusion.subjects.ListSubjects(subjects_pb2.ListSubjectsRequest(gallery=gallery))
    assert ([subject], 1, "") == (
        [each.subject_id for each in listed.subjects],
        listed.total_count,
        listed.next_page_token,
    )
    delete = subjects_pb2.DeleteSubjectRequest(subject_id=subject, request_id=str(uuid.uuid4()))
    token = fusion.subjects.DeleteSubject(delete).consistency_token
    assert fusion.subjects.DeleteSubject(delete).replayed
    assert (
        grpc.StatusCode.NOT_FOUND
        == refused(fusion.subjects.GetSubject, subjects_pb2.GetSubjectRequest(subject_id=subject))[0]
    )
    search = decisions_pb2.IdentifySubjectsRequest(samples=[eye(17, 1)], gallery=gallery, consistency_token=token)
    assert 0 == fusion.decisions.IdentifySubjects(search).searched_subject_count


def test_views(fusion: Stub) -> None:
    """BASIC, the default of a list, lacks references and missing positions; FULL, of a single one, has them."""
    subject, gallery = someone(), someone()
    gone = sample_pb2.MissingPosition(modality=3, position=modality_pb2.POSITION_RIGHT_EYE, reason=3)
    fusion.subjects.EnrollSubject(enrolment(subject, eye(17, 0), galleries=[gallery], missing=[gone]))
    views = (0, subjects_pb2.SUBJECT_VIEW_BASIC, subjects_pb2.SUBJECT_VIEW_FULL)
    read = [fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject, view=v)) for v in views]
    listed = [fusion.subjects.ListSubjects(subjects_pb2.ListSubjectsRequest(gallery=gallery, view=v)) for v in views]
    full, basic = read[0].subject, read[1].subject
    assert (1, 1) == (len(full.encounters[0].references), len(full.encounters[0].missing))
    assert [full, basic, full] == [each.subject for each in read]
    assert [[basic], [basic], [full]] == [list(each.subjects) for each in listed]
    for each in full.encounters:
        each.ClearField("references")
        each.ClearField("missing")
    assert full == basic
    assert INVALID == refused(fusion.subjects.ListSubjects, subjects_pb2.ListSubjectsRequest(view=9))[0]


def test_pages(fusion: Stub) -> None:
    """Listing page by page gives every subject once, in order of id."""
    gallery = someone()
    ids = sorted(someone() for _ in range(5))
    for number, subject in enumerate(ids):
        fusion.subjects.EnrollSubject(enrolment(subject, eye(20 + number, 0), galleries=[gallery]))
    seen, token = [], ""
    while True:
        page = fusion.subjects.ListSubjects(
            subjects_pb2.ListSubjectsRequest(gallery=gallery, page_size=2, page_token=token)
        )
        seen += [each.subject_id for each in page.subjects]
        token = page.next_page_token
        if not token:
            break
    assert ids == seen


def test_validate_only_stores_nothing(fusion: Stub) -> None:
    """A dry run reports quality and leaves no trace."""
    subject = someone()
    response = fusion.subjects.EnrollSubject(enrolment(subject, eye(18, 0), validate_only=True))
    assert response.reports[0].quality.value > 0
    assert "" == response.consistency_token
    assert (
        grpc.StatusCode.NOT_FOUND
        == refused(fusion.subjects.GetSubject, subjects_pb2.GetSubjectRequest(subject_id=subject))[0]
    )


def test_repetition_and_reuse_of_a_request_id(fusion: Stub) -> None:
    """A repeated request is answered from its receipt; the same id with other content is refused."""
    subject, request_id = someone(), str(uuid.uuid4())
    request = enrolment(subject, eye(19, 0), request_id=request_id)
    first, again = (
        fusion.subjects.EnrollSubject(request),
        fusion.subjects.EnrollSubject(request),
    )
    assert (first.encounter_id, first.consistency_token, True) == (
        again.encounter_id,
        again.consistency_token,
        again.replayed,
    )
    other = enrolment(subject, eye(19, 1), request_id=request_id)
    assert (EXISTS, "REQUEST_ID_REUSED") == refused(fusion.subjects.EnrollSubject, other)
    assert (EXISTS, "SUBJECT_EXISTS") == refused(fusion.subjects.EnrollSubject, enrolment(subject, eye(19, 1)))
    assert 1 == len(fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject)).subject.encounters)


@pytest.mark.parametrize("name", pictures.REFUSED)
def test_a_bad_image_leaves_nothing_half_written(fusion: Stub, name: str) -> None:
    """One unreadable image among good samples refuses the enrolment, names the sample, and stores nothing."""
    subject = someone()
    data, reason = pictures.REFUSED[name]
    bad = sample_pb2.Sample(modality=modality_pb2.MODALITY_FACE, image=sample_pb2.Image(data=data))
    assert (INVALID, reason) == refused(fusion.subjects.EnrollSubject, enrolment(subject, eye(30, 0), bad))
    assert (
        grpc.StatusCode.NOT_FOUND
        == refused(fusion.subjects.GetSubject, subjects_pb2.GetSubjectRequest(subject_id=subject))[0]
    )


def test_unusable_sample(fusion: Stub) -> None:
    """An image without a face fails an enrolment by name, and contributes nothing to a verification."""
    subject = someone()
    blank = sample_pb2.Sample(modality=modality_pb2.MODALITY_FACE, image=sample_pb2.Image(data=pictures.BLANK))
    expected = (grpc.StatusCode.FAILED_PRECONDITION, "FACE_NOT_FOUND")
    assert expected == refused(fusion.subjects.EnrollSubject, enrolment(subject, eye(31, 0), blank))
    fusion.subjects.EnrollSubject(enrolment(subject, eye(31, 0)))
    request = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[blank, eye(31, 1)])
    decision = fusion.decisions.VerifySubject(request).decision
    assert "FACE_NOT_FOUND" in [each.failure_reason for each in decision.evidence]
    assert decision_pb2.OUTCOME_MATCH == decision.outcome


def test_bad_requests(fusion: Stub) -> None:
    """Each kind of bad request has its own status and reason."""
    good = eye(32, 0)
    bad_token = decisions_pb2.IdentifySubjectsRequest(samples=[good], consistency_token="junk")
    other_model = sample_pb2.Sample(
        modality=modality_pb2.MODALITY_IRIS, template=sample_pb2.Template(model_id="older-1", data=b"x")
    )
    calls: list[tuple[Any, Any, grpc.StatusCode, str]] = [
        (fusion.subjects.EnrollSubject, enrolment("bad id", good), INVALID, "FIELD_INVALID"),
        (
            fusion.subjects.EnrollSubject,
            enrolment(someone(), good, request_id="1"),
            INVALID,
            "FIELD_INVALID",
        ),
        (fusion.subjects.EnrollSubject, enrolment(someone()), INVALID, "FIELD_INVALID"),
        (
            fusion.subjects.EnrollSubject,
            enrolment(someone(), sample_pb2.Sample()),
            INVALID,
            "FIELD_INVALID",
        ),
        (
            fusion.subjects.EnrollSubject,
            enrolment(someone(), eye(32, 0, 2)),
            INVALID,
            "POSITION_INVALID",
        ),
        (
            fusion.subjects.EnrollSubject,
            enrolment(someone(), good, add_encounter=True),
            grpc.StatusCode.NOT_FOUND,
            "SUBJECT_NOT_FOUND",
        ),
        (fusion.decisions.IdentifySubjects, bad_token, INVALID, "FIELD_INVALID"),
        (
            fusion.decisions.IdentifySubjects,
            decisions_pb2.IdentifySubjectsRequest(samples=[good], fpir=2),
            INVALID,
            "FIELD_INVALID",
        ),
        (
            fusion.decisions.IdentifySubjects,
            decisions_pb2.IdentifySubjectsRequest(samples=[other_model]),
            grpc.StatusCode.FAILED_PRECONDITION,
            "TEMPLATE_MODEL_MISMATCH",
        ),
        (
            fusion.subjects.ListSubjects,
            subjects_pb2.ListSubjectsRequest(page_size=-1),
            INVALID,
            "FIELD_INVALID",
        ),
        (
            fusion.subjects.ListSubjects,
            subjects_pb2.ListSubjectsRequest(page_token="junk"),
            INVALID,
            "FIELD_INVALID",
        ),
        (
            fusion.subjects.DeleteSubject,
            subjects_pb2.DeleteSubjectRequest(subject_id=someone(), request_id=str(uuid.uuid4())),
            grpc.StatusCode.NOT_FOUND,
            "SUBJECT_NOT_FOUND",
        ),
    ]
    expected = [(code, reason) for _, _, code, reason in calls]
    assert expected == [refused(call, request) for call, request, _, _ in calls]


def test_fuse_scores(fusion: Stub) -> None:
    """Scores of known comparators become one decision with an LLR each; an unknown comparator is refused."""
    model = fusion.models.GetFusionModel(fusion_models_pb2.GetFusionModelRequest()).model
    ids = {each.comparator_id for each in model.calibrations}
    assert {"face-cosine-1", "fingerprint-elastic-2", "iris-hamming-2"} <= ids
    scores = [
        decisions_pb2.NamedScore(modality=modality_pb2.MODALITY_FACE, comparator_id="face-cosine-1", score=0.9),
        decisions_pb2.NamedScore(
            modality=modality_pb2.MODALITY_IRIS,
            position=modality_pb2.POSITION_LEFT_EYE,
            comparator_id="iris-hamming-2",
            score=20.0,
        ),
    ]
    decision = fusion.decisions.FuseScores(decisions_pb2.FuseScoresRequest(scores=scores)).decision
    assert decision_pb2.OUTCOME_MATCH == decision.outcome
    assert pytest.approx(sum(each.comparison.llr for each in decision.evidence)) == decision.llr
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
    assert 3 == len(decision.evidence)
    assert pytest.approx(sum(each.comparison.llr for each in decision.evidence)) == decision.llr
