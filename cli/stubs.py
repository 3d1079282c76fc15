"""The gRPC stubs of the fusion services, bundled for one client."""

from __future__ import annotations

import grpc
from biofusion.fusion.v1.decisions_pb2_grpc import DecisionServiceStub
from biofusion.fusion.v1.fusion_models_pb2_grpc import FusionModelServiceStub
from biofusion.fusion.v1.subjects_pb2_grpc import SubjectServiceStub


class FusionStubs:
    """The stubs of the three fusion services on one channel.

    Args:
        channel: channel to the fusion services; with a channel of grpc.aio, calls of the stubs are awaited.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self.subjects = SubjectServiceStub(channel)
        self.decisions = DecisionServiceStub(channel)
        self.models = FusionModelServiceStub(channel)
