"""The matching services as fusion sees them: a port, and gRPC stubs behind it."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
from biofusion.face.v1 import face_pb2, face_pb2_grpc
from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.iris.v1 import iris_pb2, iris_pb2_grpc

from biometrics import errors
from biometrics.quality import Quality
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from gallery.store import ConsistencyToken
from infra import convert
from infra.interceptors import REQUEST_ID_HEADER, current_request_id
from infra.server import read_pem
from infra.status import error_info


@dataclass(frozen=True, slots=True)
class Hit:
    """The best of `comparison_count` raw scores of a probe against one subject."""

    subject_id: str
    score: float
    reference_position: Position
    comparison_count: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search returned: the best subjects, and how many have a reference of the modality."""

    hits: list[Hit]
    subject_count: int


class Matcher(Protocol):
    """One modality's matching service.

    Every method raises ServiceUnavailable when the service does not answer within `timeout_s`, and
    InvalidInput, AcquisitionFailed or TemplateModelMismatch when it refuses the sample.
    """

    @property
    def modality(self) -> Modality:
        """The modality it compares."""

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> tuple[Template, Quality]:
        """Extract an image's template."""

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Raw scores of a probe against references, in order."""

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """The subjects of a gallery most like the probe."""

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Scores against named subjects."""


class GrpcMatcher:
    """A Matcher over a channel.

    Args:
        modality: the modality it compares.
        stub: the service's stub.
        messages: the generated module of its messages.
    """

    def __init__(self, modality: Modality, stub: Any, messages: Any) -> None:
        self.modality = modality
        self._stub = stub
        self._messages = messages

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> tuple[Template, Quality]:
        """Extract an image's template."""
        request = self._messages.ExtractTemplateRequest(
            image=convert.image_to_wire(image), position=convert.position_to_wire(position)
        )
        response = await self._call(self._stub.ExtractTemplate, request, timeout_s)
        return convert.template_from_wire(response.template), convert.quality_from_wire(response.quality)

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Raw scores of a probe against references, in order."""
        request = self._messages.CompareTemplatesRequest(
            probe=convert.template_to_wire(probe), references=map(convert.template_to_wire, references)
        )
        response = await self._call(self._stub.CompareTemplates, request, timeout_s)
        return [comparison.score for comparison in response.comparisons]

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """The subjects of a gallery most like the probe."""
        request = self._messages.SearchGalleryRequest(
            probe=convert.sample_to_wire(probe), gallery=gallery, max_candidate_count=limit, consistency_token=token
        )
        response = await self._call(self._stub.SearchGallery, request, timeout_s)
        return Found([_hit(candidate) for candidate in response.candidates], response.searched_subject_count)

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Scores against named subjects."""
        request = self._messages.ScoreSubjectsRequest(
            probe=convert.sample_to_wire(probe), subject_ids=subject_ids, consistency_token=token
        )
        response = await self._call(self._stub.ScoreSubjects, request, timeout_s)
        return [_hit(candidate) for candidate in response.candidates]

    async def _call(self, method: Any, request: Any, timeout_s: float) -> Any:
        try:
            metadata = ((REQUEST_ID_HEADER, current_request_id.get()),)
            return await method(request, timeout=timeout_s, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise _domain_error(error, self.modality) from error


IDLE_MS = 20_000
"""A connection without a call for so long is closed: until then its buffers hold what was read last, templates too."""

STUBS = {
    Modality.FACE: (face_pb2_grpc.FaceServiceStub, face_pb2),
    Modality.FINGERPRINT: (fingerprint_pb2_grpc.FingerprintServiceStub, fingerprint_pb2),
    Modality.IRIS: (iris_pb2_grpc.IrisServiceStub, iris_pb2),
}


def connect(modality: Modality, target: str, max_message_bytes: int, authority: str = "") -> GrpcMatcher:
    """A matcher on a new channel to `target`; with TLS if a PEM file of an authority is given.

    Must be called inside a running event loop. Retries and balancing are those of
    `fusion_grpc_service_config.json`.
    """
    config = importlib.resources.files("biofusion.fusion.v1").joinpath("fusion_grpc_service_config.json").read_text()
    options = [
        ("grpc.service_config", json.dumps(json.loads(config))),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.client_idle_timeout_ms", IDLE_MS),
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 500),
    ]
    if authority:
        credentials = grpc.ssl_channel_credentials(read_pem(authority))
        channel = grpc.aio.secure_channel(target, credentials, options)
    else:
        channel = grpc.aio.insecure_channel(target, options)
    stub, messages = STUBS[modality]
    return GrpcMatcher(modality, stub(channel), messages)


def _hit(candidate: Any) -> Hit:
    return Hit(
        candidate.subject_id,
        candidate.comparison.score,
        convert.position_from_wire(candidate.reference_position),
        candidate.comparison_count,
    )


def _domain_error(error: grpc.aio.AioRpcError, modality: Modality) -> errors.BiofusionError:
    info = error_info(error.trailing_metadata())
    message = error.details() or ""
    facts = {key: value for key, value in info.metadata.items() if key != "field"}
    match error.code():
        case grpc.StatusCode.INVALID_ARGUMENT:
            return errors.InvalidInput(message, reason=info.reason or None, **facts)
        case grpc.StatusCode.FAILED_PRECONDITION if info.reason == errors.TemplateModelMismatch.default_reason:
            return errors.TemplateModelMismatch(message, **facts)
        case grpc.StatusCode.FAILED_PRECONDITION if info.reason == errors.StoreSetBack.default_reason:
            return errors.StoreSetBack(message)
        case grpc.StatusCode.FAILED_PRECONDITION:
            return errors.AcquisitionFailed(message, reason=info.reason or None, **facts)
    return errors.ServiceUnavailable(
        f"The {modality.lower()} service does not answer ({error.code().name}). Try again, or leave its samples out.",
        modality=modality,
        code=error.code().name,
    )
