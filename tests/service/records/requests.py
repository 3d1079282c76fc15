"""Samples and requests that the tests of records share."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, record_pb2, sample_pb2

from biometrics.template import Position
from formats.contents import RecordFormat
from infra.wire.convert import position_to_wire
from infra.wire.records import FORMATS
from tests.service.fusion.requests import Stub, enrolment, someone

FINGER = modality_pb2.MODALITY_FINGERPRINT
MATCH, REVIEW = decision_pb2.OUTCOME_MATCH, decision_pb2.OUTCOME_REVIEW
SOURCES = sample_pb2.ResolutionSource


def record(data: bytes, stated: RecordFormat | None = None, **fields: Any) -> sample_pb2.Sample:
    """A record as a sample."""
    number = FORMATS.to_wire(stated) if stated else 0
    return sample_pb2.Sample(record=record_pb2.Record(data=data, format=number), **fields)


def print_of(data: bytes, position: Position = Position.UNKNOWN, **fields: Any) -> sample_pb2.Sample:
    """An image of a finger as a sample."""
    place = position_to_wire(position) if position is not Position.UNKNOWN else 0
    return sample_pb2.Sample(modality=FINGER, position=place, image=sample_pb2.Image(data=data, **fields))


def enrolled(stub: Stub, *samples: sample_pb2.Sample, **fields: Any) -> subjects_pb2.EnrollSubjectRequest:
    """The request of a subject that was enrolled, in a gallery of its own."""
    request = enrolment(someone(), *samples, galleries=[someone()], **fields)
    stub.subjects.EnrollSubject(request, timeout=60)
    return request


def outcome(stub: Stub, subject_id: str, *samples: sample_pb2.Sample) -> int:
    """The outcome of a verification."""
    request = decisions_pb2.VerifySubjectRequest(subject_id=subject_id, samples=samples)
    return stub.decisions.VerifySubject(request, timeout=60).decision.outcome


def found(stub: Stub, enrolment: subjects_pb2.EnrollSubjectRequest, *samples: sample_pb2.Sample) -> str:
    """Whom a search of the gallery of an enrolment finds, which sees that enrolment."""
    token = stub.subjects.EnrollSubject(enrolment, timeout=60).consistency_token
    request = decisions_pb2.IdentifySubjectsRequest(
        samples=samples, gallery=enrolment.galleries[0], consistency_token=token
    )
    return stub.decisions.IdentifySubjects(request, timeout=60).subject_id


def reports(stub: Stub, *samples: sample_pb2.Sample) -> list[subjects_pb2.QualityReport]:
    """What CheckQuality says of samples."""
    return list(stub.subjects.CheckQuality(subjects_pb2.CheckQualityRequest(samples=samples), timeout=60).reports)


def message(call: Any, request: Any) -> str:
    """The message of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call(request, timeout=60)
    return str(caught.value.details())
