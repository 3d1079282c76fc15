"""The gRPC servicer of `FingerprintService`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from biofusion.fingerprint.v1 import fingerprint_pb2, fingerprint_pb2_grpc
from biofusion.type.v1 import comparison_pb2

from services.fingerprint.convert import details_to_wire
from services.fingerprint.details import FingerprintDetails
from services.recognizer import Recognizer
from services.servicer import MatchingServicer

NAME = fingerprint_pb2.DESCRIPTOR.services_by_name["FingerprintService"].full_name


class FingerprintServicer(MatchingServicer, fingerprint_pb2_grpc.FingerprintServiceServicer):
    """Compares fingerprints.

    Args:
        recognizer: the use cases for fingerprints.
        models: the loaded models.
    """

    def __init__(
        self, recognizer: Recognizer[FingerprintDetails, Any], models: Sequence[comparison_pb2.LoadedModel]
    ) -> None:
        super().__init__(recognizer, fingerprint_pb2, details_to_wire, models)
