"""The services that fusion offers, as one client has them."""

from __future__ import annotations

import grpc
from biofusion.fusion.v1.decisions_pb2_grpc import DecisionServiceStub
from biofusion.fusion.v1.fusion_models_pb2_grpc import FusionModelServiceStub
from biofusion.fusion.v1.subjects_pb2_grpc import SubjectServiceStub


class FusionStubs:
    """The three stubs on one channel.

    Args:
        channel: to the fusion service; one of grpc.aio makes stubs that are awaited.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self.subjects = SubjectServiceStub(channel)
        self.decisions = DecisionServiceStub(channel)
        self.models = FusionModelServiceStub(channel)
