"""Requests of the fusion service that its tests share."""

from __future__ import annotations

import uuid
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2
from google.rpc import error_details_pb2, status_pb2

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


def fields_named(call: Any, request: Any) -> list[str]:
    """The field paths in the BadRequest of a call that fails with INVALID_ARGUMENT."""
    with pytest.raises(grpc.RpcError) as caught:
        call(request, timeout=60)
    assert INVALID == caught.value.code()
    bad = error_details_pb2.BadRequest()
    packed = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    assert any(detail.Unpack(bad) for detail in status_pb2.Status.FromString(packed).details)
    return [violation.field for violation in bad.field_violations]


def someone() -> str:
    """A subject id and gallery name that no other test uses."""
    return f"s-{uuid.uuid4()}"
