"""Stubs of the fusion services whose calls are awaited."""

from __future__ import annotations

import grpc
from biofusion.fusion.v1.decisions_pb2_grpc import DecisionServiceStub
from biofusion.fusion.v1.subjects_pb2_grpc import SubjectServiceStub


class AwaitedStubs:
    """Those that many callers at once need.

    Args:
        channel: to the fusion services.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.subjects = SubjectServiceStub(channel)
        self.decisions = DecisionServiceStub(channel)
