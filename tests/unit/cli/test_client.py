from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import fusion_models_pb2, fusion_models_pb2_grpc
from click.testing import CliRunner

from cli.client import Target, connect
from cli.commands.list_subjects import command as list_subjects
from cli.output.failures import PRECONDITION, failure_of
from infra.serving.server import Server
from infra.settings import Settings


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


async def test_a_server_without_the_call_is_told_as_one_of_another_version() -> None:
    """The command ends with the code of what cannot be done now, not with that of a bug."""
    server = Server(Settings(port=0), 0)
    await server.start([])
    result = await asyncio.to_thread(CliRunner().invoke, list_subjects, ["--server", server.address])
    await server.stop()
    failure = failure_of(result.exception or AssertionError())
    assert (PRECONDITION, "METHOD_UNKNOWN") == (failure.exit_code, failure.reason)
    assert "no method /biofusion.fusion.v1.SubjectService/ListSubjects" in failure.message
    assert "Run the same version of both" in failure.message
