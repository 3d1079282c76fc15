"""Requests that the fusion service refuses, and samples that it cannot use."""

from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from tests.service import pictures
from tests.service.fusion.requests import INVALID, Stub, enrolment, eye, refused, someone


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
