from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import fusion_models_pb2, fusion_models_pb2_grpc

from cli.client import Target, connect


class Hesitant(fusion_models_pb2_grpc.FusionModelServiceServicer):
    """A service that is UNAVAILABLE for the first two calls."""

    def __init__(self) -> None:
        self.calls = 0

    def UploadFusionModel(self, request: Any, context: Any) -> fusion_models_pb2.UploadFusionModelResponse:  # noqa: N802  # gRPC's name
        """Nothing is stored."""
        self.calls += 1
        if self.calls < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        return fusion_models_pb2.UploadFusionModelResponse()


@pytest.mark.parametrize("size", [10, 1 << 20, 20 << 20])
def test_an_unavailable_call_is_retried(size: int) -> None:
    """The client repeats a call that was UNAVAILABLE, for requests of any size."""
    service, server = Hesitant(), grpc.server(ThreadPoolExecutor(2), options=[("grpc.max_receive_message_length", -1)])
    fusion_models_pb2_grpc.add_FusionModelServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with connect(Target(f"127.0.0.1:{port}")) as stub:
            stub.models.UploadFusionModel(fusion_models_pb2.UploadFusionModelRequest(model_json="x" * size), timeout=60)
    finally:
        server.stop(None)
    assert 3 == service.calls
