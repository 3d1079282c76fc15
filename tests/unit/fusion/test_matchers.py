from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from biofusion.iris.v1 import iris_pb2, iris_pb2_grpc

from biometrics.errors import ServiceUnavailable
from biometrics.template import Modality
from fusion.enroll import EnrolmentRequest, enroll
from fusion.matchers import connect
from infra.interceptors import current_request_id
from tests.fakes import MemoryStore
from tests.unit.fusion.world import UUID, matchers, sample, template

DEADLINE_S = 1.0


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a server that takes connections and never answers."""
    over = asyncio.Event()

    async def never_answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"{host}:{port}"
    over.set()
    server.close()
    await server.wait_closed()


async def test_an_enrolment_says_which_service_hangs(silent: str) -> None:
    """The service's part of the deadline ends before the deadline, so that the caller is told which one it was."""
    store = MemoryStore()
    services = {**matchers(store), Modality.IRIS: connect(Modality.IRIS, silent, 1024)}
    samples = (sample(Modality.FACE, "ann"), sample(Modality.IRIS, "ann"))
    request = EnrolmentRequest(UUID.format(1), "ann", (), "", samples, (), add_encounter=False)
    with pytest.raises(ServiceUnavailable) as caught:
        async with asyncio.timeout(DEADLINE_S):
            await enroll(request, services, store, DEADLINE_S)
    assert ("IRIS", "samples[1]") == (caught.value.metadata["modality"], caught.value.metadata["sample"])
    assert {} == store.subjects


class Recorder(iris_pb2_grpc.IrisServiceServicer):
    """An iris service that keeps the request ids it is called with."""

    def __init__(self) -> None:
        self.request_ids: list[object] = []

    async def CompareTemplates(self, request: Any, context: Any) -> iris_pb2.CompareTemplatesResponse:  # noqa: N802  # gRPC's name
        """Compare nothing."""
        self.request_ids.append(dict(context.invocation_metadata())["x-request-id"])
        return iris_pb2.CompareTemplatesResponse()


async def test_the_request_id_is_sent_along() -> None:
    """A matching service is called with the id of the call that fusion serves, so that their logs can be joined."""
    recorder, server = Recorder(), grpc.aio.server()
    iris_pb2_grpc.add_IrisServiceServicer_to_server(recorder, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    current_request_id.set("case-7")
    await connect(Modality.IRIS, f"127.0.0.1:{port}", 1024).compare(template(Modality.IRIS, "ann"), [], 5.0)
    assert ["case-7"] == recorder.request_ids
    await server.stop(None)
