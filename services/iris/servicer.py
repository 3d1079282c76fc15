"""The gRPC servicer of `IrisService`."""

from __future__ import annotations

from collections.abc import Sequence

from biofusion.iris.v1 import iris_pb2, iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2

from services.iris.convert import extraction_to_wire
from services.iris.details import IrisDetails
from services.recognizer import Recognizer, Stack
from services.servicer import MatchingServicer

NAME = iris_pb2.DESCRIPTOR.services_by_name["IrisService"].full_name


class IrisServicer(
    MatchingServicer[IrisDetails, Stack, iris_pb2.ExtractTemplateResponse], iris_pb2_grpc.IrisServiceServicer
):
    """The six methods of `IrisService`.

    Args:
        recognizer: the use cases for irises.
        models: the loaded models.
    """

    def __init__(self, recognizer: Recognizer[IrisDetails, Stack], models: Sequence[matching_pb2.LoadedModel]) -> None:
        super().__init__(recognizer, extraction_to_wire, models)
