"""The gRPC servicer of `FingerprintService`."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.matching.v1 import matching_pb2

from services.fingerprint.convert import extraction_to_wire
from services.fingerprint.details import FingerprintDetails
from services.recognizer import Recognizer, Stack
from services.servicer import MatchingServicer

NAME = fingerprint_pb2.DESCRIPTOR.services_by_name["FingerprintService"].full_name


class FingerprintServicer(
    MatchingServicer[FingerprintDetails, Stack, fingerprint_pb2.ExtractTemplateResponse],
    fingerprint_pb2_grpc.FingerprintServiceServicer,
):
    """The five methods of `FingerprintService`.

    Args:
        recognizer: the use cases for fingerprints.
        models: the loaded models.
    """

    def __init__(
        self, recognizer: Recognizer[FingerprintDetails, Stack], models: Sequence[matching_pb2.LoadedModel]
    ) -> None:
        super().__init__(recognizer, extraction_to_wire, models)
