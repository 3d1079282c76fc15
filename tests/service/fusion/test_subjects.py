"""Enrolling, reading, listing and erasing subjects on a real server."""

from __future__ import annotations

import uuid

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.iris.v1 import iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from infra.wire.status import error_info
from tests.service.fusion.requests import EXISTS, INVALID, Stub, enrolment, eye, refused, someone


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


def test_an_unknown_quality_is_unset(fusion: Stub, channel: grpc.Channel) -> None:
    """The quality of a template sent without one is neither reported nor read as 0; a claimed one is given back."""
    asked = matching_pb2.ExtractTemplateRequest(image=eye(17, 0).image)
    template = iris_pb2_grpc.IrisServiceStub(channel).ExtractTemplate(asked).template
    sample = sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, template=template)
    claimed = sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, template=template, template_quality=60)
    subject = someone()
    reports = fusion.subjects.EnrollSubject(enrolment(subject, sample, claimed)).reports
    stored = fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject)).subject
    both = [list(reports), list(stored.encounters[0].references)]
    assert [[False, True]] * 2 == [[each.HasField("quality") for each in several] for several in both]
    assert [[False, True]] * 2 == [[each.quality_is_claimed for each in several] for several in both]


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


def test_validate_only_finds_what_would_refuse_the_enrolment(fusion: Stub) -> None:
    """A subject or encounter that is taken, or a subject that is not there, is an error that names it."""
    subject, nobody = someone(), someone()
    request = enrolment(subject, eye(18, 0), encounter_id="first")
    fusion.subjects.EnrollSubject(request)
    assert fusion.subjects.EnrollSubject(copied(request, validate_only=True)).reports
    calls = [
        (enrolment(subject, eye(18, 1)), "SUBJECT_EXISTS", subject),
        (enrolment(nobody, eye(18, 1), add_encounter=True), "SUBJECT_NOT_FOUND", nobody),
        (enrolment(subject, eye(18, 1), add_encounter=True, encounter_id="first"), "ENCOUNTER_EXISTS", subject),
        (enrolment(subject, eye(18, 1), request_id=request.request_id), "REQUEST_ID_REUSED", ""),
    ]
    for each, reason, named in calls:
        for dry in (True, False):
            with pytest.raises(grpc.RpcError) as caught:
                fusion.subjects.EnrollSubject(copied(each, validate_only=dry))
            info = error_info(caught.value.trailing_metadata())
            assert (reason, named) == (info.reason, info.metadata.get("subject_id", ""))
            assert named in caught.value.details()


def copied(request: subjects_pb2.EnrollSubjectRequest, **fields: bool) -> subjects_pb2.EnrollSubjectRequest:
    """The request with other fields."""
    other = subjects_pb2.EnrollSubjectRequest(**fields)
    other.MergeFrom(request)
    return other


def test_a_missing_position_that_nobody_knows(fusion: Stub) -> None:
    """A finger or eye of which is not said which one is stored as unknown; a face has its only position."""
    subject = someone()
    missing = [
        sample_pb2.MissingPosition(modality=modality, reason=modality_pb2.MISSING_REASON_NOT_CAPTURED)
        for modality in (modality_pb2.MODALITY_FINGERPRINT, modality_pb2.MODALITY_FACE)
    ]
    fusion.subjects.EnrollSubject(enrolment(subject, eye(18, 0), missing=missing))
    stored = fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=subject)).subject
    expected = [modality_pb2.POSITION_UNKNOWN, modality_pb2.POSITION_FACE]
    assert expected == [each.position for each in stored.encounters[0].missing]


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
