"""The gRPC servicer of `FaceService`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from biofusion.face.v1 import face_pb2, face_pb2_grpc
from biofusion.type.v1 import comparison_pb2

from services.face.convert import details_to_wire
from services.face.template.features import FaceDetails
from services.recognizer import Recognizer
from services.servicer import MatchingServicer

NAME = face_pb2.DESCRIPTOR.services_by_name["FaceService"].full_name


class FaceServicer(MatchingServicer, face_pb2_grpc.FaceServiceServicer):
    """Compares faces.

    Args:
        recognizer: the use cases for faces.
        models: the loaded models.
    """

    def __init__(self, recognizer: Recognizer[FaceDetails, Any], models: Sequence[comparison_pb2.LoadedModel]) -> None:
        super().__init__(recognizer, face_pb2, details_to_wire, models)
