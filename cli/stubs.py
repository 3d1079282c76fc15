"""The gRPC stubs of the fusion services and of reviews, bundled for one client."""

from __future__ import annotations

import grpc
from biofusion.fusion.v1.decisions_pb2_grpc import DecisionServiceStub
from biofusion.fusion.v1.encounters_pb2_grpc import EncounterServiceStub
from biofusion.fusion.v1.fusion_models_pb2_grpc import FusionModelServiceStub
from biofusion.fusion.v1.galleries_pb2_grpc import GalleryServiceStub
from biofusion.fusion.v1.jobs_pb2_grpc import JobServiceStub
from biofusion.fusion.v1.subjects_pb2_grpc import SubjectServiceStub
from biofusion.review.v1.review_pb2_grpc import ReviewServiceStub
from google.longrunning.operations_pb2_grpc import OperationsStub


class FusionStubs:
    """The stubs of the fusion services on one channel.

    Args:
        channel: channel to the fusion services; with a channel of grpc.aio, calls of the stubs are awaited.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self.subjects = SubjectServiceStub(channel)
        self.decisions = DecisionServiceStub(channel)
        self.models = FusionModelServiceStub(channel)
        self.encounters = EncounterServiceStub(channel)
        self.galleries = GalleryServiceStub(channel)
        self.jobs = JobServiceStub(channel)
        self.reviews = ReviewServiceStub(channel)
        self.operations = OperationsStub(channel)
