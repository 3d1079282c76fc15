"""fusion.matching.matchers: calls to a matching service, and the errors that its failures become."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from biofusion.iris.v1 import iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2

from biometrics import errors
from biometrics.template import Modality, Position
from fusion.matching.connect import connect
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from infra.serving.request_ids import current_request_id
from infra.wire.status import code_of
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.matching.odd_service import CALLS, GOOD, Odd, extracted, image_of, matcher_of
from tests.unit.fusion.world import UUID, matchers, sample, template

DEADLINE_S = 1.0


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a server that accepts connections and never answers."""
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
    """The wait for a service ends before the caller's deadline, so that the error can name the service."""
    store = MemoryStore()
    services = {**matchers(store), Modality.IRIS: connect(Modality.IRIS, silent, 1024)}
    samples = (sample(Modality.FACE, "ann"), sample(Modality.IRIS, "ann"))
    request = EnrolmentRequest(UUID.format(1), "ann", (), "", samples, (), add_encounter=False)
    with pytest.raises(errors.DeadlineExpired) as caught:
        async with asyncio.timeout(DEADLINE_S):
            await enroll(request, services, store, DEADLINE_S)
    assert ("IRIS", "samples[1]") == (caught.value.metadata["modality"], caught.value.metadata["sample"])
    assert {} == store.subjects


class Recorder(iris_pb2_grpc.IrisServiceServicer):
    """An iris service that records the request ids it is called with."""

    def __init__(self) -> None:
        self.request_ids: list[object] = []

    async def CompareTemplates(self, request: Any, context: Any) -> matching_pb2.CompareTemplatesResponse:  # noqa: N802  # gRPC's name
        """Compare nothing."""
        self.request_ids.append(dict(context.invocation_metadata())["x-request-id"])
        return matching_pb2.CompareTemplatesResponse()


@pytest.mark.parametrize("code", [each for each in grpc.StatusCode if each is not grpc.StatusCode.OK])
async def test_every_status_of_a_service_becomes_a_domain_error(code: grpc.StatusCode) -> None:
    """Any status, also with malformed details, becomes an error that the table of errors has."""
    async with matcher_of(Odd(code)) as matcher:
        with pytest.raises(errors.BiofusionError) as caught:
            await CALLS["compare"](matcher)
    assert code_of(caught.value) in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION,
    )


async def test_metadata_of_any_name_is_passed_on() -> None:
    """Metadata keys may be equal to parameter names of an error class."""
    facts = {"message": "a", "reason": "b", "self": "c", "newer": "d"}
    refused = errors.AcquisitionFailed("No iris.", reason="IRIS_ABSENT")
    refused.metadata.update(facts)
    async with matcher_of(Odd(refused)) as matcher:
        with pytest.raises(errors.AcquisitionFailed) as caught:
            await CALLS["extract"](matcher)
    assert ("No iris.", "IRIS_ABSENT", facts) == (caught.value.message, caught.value.reason, caught.value.metadata)


async def test_an_overload_stays_an_overload() -> None:
    """A service that refuses for overload gives Overloaded with its delay, and the call is not retried."""
    service = Odd(errors.Overloaded("Full.", retry_after_s=1.5))
    async with matcher_of(service) as matcher:
        with pytest.raises(errors.Overloaded) as caught:
            await CALLS["compare"](matcher)
    refusal = (code_of(caught.value), caught.value.retry_after_s, service.calls)
    assert (grpc.StatusCode.RESOURCE_EXHAUSTED, 1.5, 1) == refusal


@pytest.mark.parametrize("size", [10, 1 << 20, 7 << 20])
async def test_a_large_request_is_retried_like_a_small_one(size: int) -> None:
    """Requests of all sizes up to the limit are sent again after two UNAVAILABLE."""
    service = Odd(extracted(GOOD), refusals=2)
    async with matcher_of(service) as matcher:
        await matcher.extract(image_of(size), Position.LEFT_EYE, 20.0)
    assert 3 == service.calls


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
