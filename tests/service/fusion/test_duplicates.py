"""Duplicate checks and enrolments that make them, with real models, indexes and store."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2

from infra.wire.status import error_info
from tests.service.fusion.requests import EXISTS, Stub, enrolment, eye, fields_named, refused, someone

REVIEW, REFUSE, ALLOW = (
    subjects_pb2.ON_DUPLICATE_REVIEW,
    subjects_pb2.ON_DUPLICATE_REFUSE,
    subjects_pb2.ON_DUPLICATE_ALLOW,
)
ACTIVE, INACTIVE = subjects_pb2.ENCOUNTER_STATE_ACTIVE, subjects_pb2.ENCOUNTER_STATE_INACTIVE
MATCH, NO_MATCH = decision_pb2.OUTCOME_MATCH, decision_pb2.OUTCOME_NO_MATCH


def both(identity: int, capture: int) -> list[Any]:
    """Both eyes of a person."""
    left, right = modality_pb2.POSITION_LEFT_EYE, modality_pb2.POSITION_RIGHT_EYE
    return [eye(2 * identity, capture, left), eye(2 * identity + 1, capture, right)]


def probe(subject_id: str, encounter_id: str = "") -> decisions_pb2.EnrolledProbe:
    """An enrolled encounter."""
    return decisions_pb2.EnrolledProbe(subject_id=subject_id, encounter_id=encounter_id)


def test_a_duplicate_is_found_from_what_is_enrolled(fusion: Stub) -> None:
    """Two subjects of one person find each other, also as an identification, and neither finds itself."""
    gallery, one, other, third = (someone() for _ in range(4))
    for subject, identity, capture in ((one, 40, 0), (other, 40, 1), (third, 41, 0)):
        token = fusion.subjects.EnrollSubject(
            enrolment(subject, *both(identity, capture), galleries=[gallery])
        ).consistency_token
    asked = {"gallery": gallery, "consistency_token": token}
    found = fusion.decisions.CheckDuplicates(decisions_pb2.CheckDuplicatesRequest(enrolled_probe=probe(one), **asked))
    assert (MATCH, [other], 2) == (
        found.decision.outcome,
        [each.subject_id for each in found.candidates],
        found.searched_subject_count,
    )
    nobody = fusion.decisions.CheckDuplicates(
        decisions_pb2.CheckDuplicatesRequest(enrolled_probe=probe(third), **asked)
    )
    assert (NO_MATCH, 0) == (nobody.decision.outcome, len(nobody.candidates))
    by_samples = fusion.decisions.CheckDuplicates(
        decisions_pb2.CheckDuplicatesRequest(samples=both(40, 2), subject_id=one, **asked)
    )
    assert [other] == [each.subject_id for each in by_samples.candidates]
    identified = fusion.decisions.IdentifySubjects(
        decisions_pb2.IdentifySubjectsRequest(enrolled_probe=probe(one), **asked)
    )
    assert (other, 2) == (identified.subject_id, identified.searched_subject_count)


def test_what_cannot_be_searched_with_is_refused(fusion: Stub) -> None:
    """Unknown subjects and encounters are NOT_FOUND; samples and an enrolled encounter exclude each other."""
    subject = someone()
    fusion.subjects.EnrollSubject(enrolment(subject, eye(1, 0)))
    check, request = fusion.decisions.CheckDuplicates, decisions_pb2.CheckDuplicatesRequest
    assert (grpc.StatusCode.NOT_FOUND, "SUBJECT_NOT_FOUND") == refused(check, request(enrolled_probe=probe(someone())))
    assert (grpc.StatusCode.NOT_FOUND, "ENCOUNTER_NOT_FOUND") == refused(
        check, request(enrolled_probe=probe(subject, "e9"))
    )
    assert ["enrolled_probe"] == fields_named(check, request(enrolled_probe=probe(subject), samples=[eye(1, 0)]))
    assert ["enrolled_probe.subject_id"] == fields_named(check, request(enrolled_probe=probe("")))
    assert ["samples"] == fields_named(check, request())
    assert ["fpir"] == fields_named(check, request(enrolled_probe=probe(subject), fpir=0))
    assert ["max_candidate_count"] == fields_named(
        check, request(enrolled_probe=probe(subject), max_candidate_count=101)
    )


def test_an_enrolment_is_held_refused_or_allowed(fusion: Stub) -> None:
    """The same person is stored inactive, refused with the id of the other subject, or stored and told."""
    gallery, first = someone(), someone()
    new = fusion.subjects.EnrollSubject(enrolment(first, *both(42, 0), galleries=[gallery], on_duplicate=REFUSE))
    assert (ACTIVE, NO_MATCH, gallery) == (
        new.state,
        new.duplicate_checks[0].decision.outcome,
        new.duplicate_checks[0].gallery,
    )
    held = enrolment(someone(), *both(42, 1), galleries=[gallery], on_duplicate=REVIEW)
    answer = fusion.subjects.EnrollSubject(held)
    assert (INACTIVE, [first]) == (answer.state, [each.subject_id for each in answer.duplicate_checks[0].candidates])
    again = fusion.subjects.EnrollSubject(held)
    assert (True, INACTIVE, 0) == (again.replayed, again.state, len(again.duplicate_checks))
    read = fusion.subjects.GetSubject(subjects_pb2.GetSubjectRequest(subject_id=held.subject_id)).subject
    assert [INACTIVE] == [each.state for each in read.encounters]
    for validate_only in (True, False):
        twin = enrolment(someone(), *both(42, 2), galleries=[gallery], on_duplicate=REFUSE, validate_only=validate_only)
        with pytest.raises(grpc.RpcError) as caught:
            fusion.subjects.EnrollSubject(twin)
        info = error_info(caught.value.trailing_metadata())
        assert (EXISTS, "DUPLICATE_FOUND", first, "MATCH") == (
            caught.value.code(),
            info.reason,
            info.metadata["subject_ids"],
            info.metadata["outcome"],
        )
    allowed = fusion.subjects.EnrollSubject(enrolment(someone(), *both(42, 2), galleries=[gallery], on_duplicate=ALLOW))
    assert (ACTIVE, 1) == (allowed.state, len(allowed.duplicate_checks[0].candidates))


def test_of_concurrent_enrolments_one_passes(fusion: Stub) -> None:
    """Six calls that enrol one person at the same time under six ids make one active subject."""
    gallery = someone()
    asked = [
        enrolment(someone(), *both(43, number % 3), galleries=[gallery], on_duplicate=REVIEW) for number in range(6)
    ]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda each: fusion.subjects.EnrollSubject(each, timeout=60), asked))
    assert 1 == sum(each.state == ACTIVE for each in answers)


def test_an_unknown_policy_or_rate_is_refused(fusion: Stub) -> None:
    """The error names the field; nothing is stored."""
    enroll = fusion.subjects.EnrollSubject
    assert ["on_duplicate"] == fields_named(enroll, enrolment(someone(), eye(1, 0), on_duplicate=9))
    assert ["duplicate_fpir"] == fields_named(enroll, enrolment(someone(), eye(1, 0), duplicate_fpir=0.6))


def test_a_request_id_with_another_policy_is_another_request(fusion: Stub) -> None:
    """A repetition that asks for another treatment of duplicates is no repetition."""
    subject, request_id = someone(), str(uuid.uuid4())
    fusion.subjects.EnrollSubject(enrolment(subject, eye(1, 0), request_id=request_id))
    changed = enrolment(subject, eye(1, 0), request_id=request_id, on_duplicate=REVIEW)
    assert (EXISTS, "REQUEST_ID_REUSED") == refused(fusion.subjects.EnrollSubject, changed)
