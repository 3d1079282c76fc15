"""Each matching service in turn, and calls of it that its tests share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from biofusion.face.v1 import face_pb2, face_pb2_grpc
from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.iris.v1 import iris_pb2, iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from biometrics.template import Modality
from infra.wire.status import error_info


@dataclass(frozen=True)
class Service:
    """One matching service, its protobuf module and its peculiarities."""

    modality: Modality
    contract: Any
    stub: Any
    wrong_position: int
    nothing_found: str

    @property
    def name(self) -> str:
        """Full name of the service."""
        return str(next(iter(self.contract.DESCRIPTOR.services_by_name.values())).full_name)


@pytest.fixture(params=Modality, ids=str.lower)
def service(request: pytest.FixtureRequest, channel: grpc.Channel) -> Service:
    """Each matching service in turn."""
    match request.param:
        case Modality.FACE:
            stub = face_pb2_grpc.FaceServiceStub(channel)
            return Service(request.param, face_pb2, stub, modality_pb2.POSITION_LEFT_EYE, "FACE_NOT_FOUND")
        case Modality.FINGERPRINT:
            stub = fingerprint_pb2_grpc.FingerprintServiceStub(channel)
            return Service(request.param, fingerprint_pb2, stub, modality_pb2.POSITION_FACE, "FINGER_NOT_FOUND")
        case _:
            stub = iris_pb2_grpc.IrisServiceStub(channel)
            return Service(request.param, iris_pb2, stub, modality_pb2.POSITION_RIGHT_THUMB, "IRIS_NOT_FOUND")


def extract(service: Service, data: bytes, **fields: object) -> Any:
    """ExtractTemplate of an image."""
    image = sample_pb2.Image(data=data)
    return service.stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(image=image, **fields), timeout=60)


def refused(call: Any, *args: Any, **options: Any) -> tuple[grpc.StatusCode, str]:
    """Status code and reason of a call that fails; the message must be readable text."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*args, **options)
    assert re.match(r"[A-Z`a-z_0-9]+.* .*[.\]]$", caught.value.details(), re.DOTALL)
    return caught.value.code(), error_info(caught.value.trailing_metadata()).reason
