"""The gRPC servicer of `FaceService`."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.face.v1 import face_pb2, face_pb2_grpc
from biofusion.matching.v1 import matching_pb2

from services.face.convert import extraction_to_wire
from services.face.template.faces import FaceDetails
from services.recognizer import Recognizer, Stack
from services.servicer import MatchingServicer

NAME = face_pb2.DESCRIPTOR.services_by_name["FaceService"].full_name


class FaceServicer(
    MatchingServicer[FaceDetails, Stack, face_pb2.ExtractTemplateResponse], face_pb2_grpc.FaceServiceServicer
):
    """The six methods of `FaceService`.

    Args:
        recognizer: the use cases for faces.
        models: the loaded models.
    """

    def __init__(self, recognizer: Recognizer[FaceDetails, Stack], models: Sequence[matching_pb2.LoadedModel]) -> None:
        super().__init__(recognizer, extraction_to_wire, models)
