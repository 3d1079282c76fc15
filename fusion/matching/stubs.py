"""One type for the stubs of the three matching services, which have the same methods and messages."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol, TypeVar

import grpc
from biofusion.face.v1.face_pb2_grpc import FaceServiceStub
from biofusion.fingerprint.v1.fingerprint_pb2_grpc import FingerprintServiceStub
from biofusion.iris.v1.iris_pb2_grpc import IrisServiceStub
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.template import Modality

Request = TypeVar("Request")
Answer = TypeVar("Answer")
Sent = TypeVar("Sent", contravariant=True)
Answered = TypeVar("Answered", covariant=True)


class Call(Protocol[Answered]):
    """A call in flight: await it for the answer."""

    def __await__(self) -> Generator[None, None, Answered]:
        """Wait for the answer. Raises grpc.aio.AioRpcError."""

    def cancel(self) -> bool:
        """End the call."""


class Method(Protocol[Sent, Answered]):
    """One method of a stub."""

    def __call__(self, request: Sent, *, timeout: float | None, metadata: Sequence[tuple[str, str]]) -> Call[Answered]:
        """Begin a call."""


class Extracted(Protocol):
    """The common part of the answers of ExtractTemplate; each modality adds details of its own."""

    @property
    def template(self) -> sample_pb2.Template:
        """The template."""

    @property
    def quality(self) -> sample_pb2.Quality:
        """The quality of the sample."""


class MatchingStub(Protocol):
    """The methods of a matching service that fusion calls."""

    @property
    def ExtractTemplate(self) -> Method[matching_pb2.ExtractTemplateRequest, Extracted]:
        """Extract the template of one image."""

    @property
    def CompareTemplates(self) -> Method[matching_pb2.CompareTemplatesRequest, matching_pb2.CompareTemplatesResponse]:
        """Compare one probe with references."""

    @property
    def ExplainComparison(
        self,
    ) -> Method[matching_pb2.ExplainComparisonRequest, matching_pb2.ExplainComparisonResponse]:
        """Compare two templates, and show what the score is made of."""

    @property
    def SearchGallery(self) -> Method[matching_pb2.SearchGalleryRequest, matching_pb2.SearchGalleryResponse]:
        """Search a gallery."""

    @property
    def ScoreSubjects(self) -> Method[matching_pb2.ScoreSubjectsRequest, matching_pb2.ScoreSubjectsResponse]:
        """Score named subjects."""


def stub_of(modality: Modality, channel: grpc.aio.Channel) -> MatchingStub:
    """The stub of the modality's service on a channel."""
    match modality:
        case Modality.FACE:
            return FaceServiceStub(channel)
        case Modality.FINGERPRINT:
            return FingerprintServiceStub(channel)
        case Modality.IRIS:
            return IrisServiceStub(channel)
