"""infra.serving.streams: calls with one request and many answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from biometrics.errors import FeedTruncated
from infra.admission.intake import Intake
from infra.deadlines import NEVER, current_deadline
from infra.serving.interceptors import CallInterceptor
from infra.serving.request_ids import current_request_id
from infra.serving.server import new_server
from infra.settings import Settings
from infra.wire.status import error_info


async def count_up(request: bytes, _context: Any) -> AsyncIterator[bytes]:
    """As many numbers as were asked for, then an error; without an end for 0."""
    if not request:
        yield current_request_id.get().encode()
        yield str(current_deadline.get() == NEVER).encode()
        await asyncio.Event().wait()
    for number in range(int(request)):
        yield str(number).encode()
    raise FeedTruncated("Read all again.")


@asynccontextmanager
async def counting() -> AsyncIterator[tuple[Any, CallInterceptor]]:
    """The method on a real server, and the server's interceptor."""
    calls = CallInterceptor(0.2, Intake(1, 100, 1000, bool))
    server = new_server(Settings(), calls)
    handlers = {"Count": grpc.unary_stream_rpc_method_handler(count_up)}
    server.add_registered_method_handlers("test.Test", handlers)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Test", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel.unary_stream("/test.Test/Count"), calls
    finally:
        await server.stop(0)


async def outcome(call: Any) -> tuple[list[bytes], grpc.StatusCode, str]:
    """Answers until the end, code, and reason."""
    answers: list[bytes] = []
    try:
        async for each in call:
            answers.append(each)  # noqa: PERF401  # kept when the call fails
    except grpc.aio.AioRpcError as error:
        return answers, error.code(), error_info(error.trailing_metadata()).reason
    return answers, grpc.StatusCode.OK, ""


async def test_an_error_ends_a_stream_as_a_status(caplog: pytest.LogCaptureFixture) -> None:
    """What was sent before an error arrives, then its status; the end is one line of the log, with the request id."""
    caplog.set_level(logging.INFO, "biofusion.call")
    async with counting() as (count, calls):
        found = await outcome(count(b"3", metadata=[("x-request-id", "mine")]))
        malformed = await outcome(count(b"x"))
        assert 0 == calls.stream_count == calls._intake.room.taken_bytes
    assert ([b"0", b"1", b"2"], grpc.StatusCode.FAILED_PRECONDITION, "FEED_TRUNCATED") == found
    assert (grpc.StatusCode.INTERNAL, "INTERNAL") == malformed[1:]
    lines = [each.getMessage() for each in caplog.records if each.levelno == logging.INFO]
    assert [True, True] == [lines[0].startswith("/test.Test/Count FAILED_PRECONDITION"), "id=mine" in lines[0]]


async def test_a_stream_has_no_default_deadline() -> None:
    """A stream outlives the default deadline of other calls, and knows its request id."""
    async with counting() as (count, _):
        call = count(b"", metadata=[("x-request-id", "mine")])
        assert [b"mine", b"True"] == [await call.read() for _ in range(2)]
        stated = count(b"", timeout=30)
        await stated.read()
        assert b"False" == await stated.read()
        call.cancel()
        stated.cancel()


async def test_no_more_streams_are_open_than_allowed() -> None:
    """Beyond their maximum streams are refused, and others are served when one has ended."""
    async with counting() as (count, calls):
        calls._streams._most = 1
        held = count(b"")
        await held.read()
        assert (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED") == (await outcome(count(b"1")))[1:]
        calls._streams.leave()
        assert [b"0"] == (await outcome(count(b"1")))[0]
        assert 0 == calls.stream_count
        calls._streams.enter()
        held.cancel()


async def test_a_server_that_stops_accepts_no_stream() -> None:
    """A new stream is UNAVAILABLE while the server ends."""
    async with counting() as (count, calls):
        await calls.refuse_the_unseen()
        assert (grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE") == (await outcome(count(b"1")))[1:]
