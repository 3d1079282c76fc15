from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import grpc
import pytest

from biometrics.errors import ImageUndecodable, StoreUnavailable
from infra.admission.intake import Intake
from infra.serving.interceptors import CallInterceptor
from infra.workers import Workers


class CallerIsGone:
    """The context of a call whose caller has hung up: gRPC cannot send anything."""

    def invocation_metadata(self) -> tuple[()]:
        """None."""
        return ()

    def peer(self) -> str:
        """Its address."""
        return "ipv4:192.0.2.1:5000"

    async def read(self) -> bytes:
        """A message."""
        return b""

    def time_remaining(self) -> None:
        """No deadline."""

    async def abort(self, *_status: object, **_more: object) -> None:
        """Fails as gRPC's does."""
        raise grpc.aio.InternalError("Failed 'execute_batch'")


class Details:
    """Details of a call."""

    method = "/test.Test/Call"


async def test_an_error_after_the_caller_has_gone_ends_quietly() -> None:
    """The call ends as cancelled, which gRPC does not report as a failure of the handler."""

    async def fails(_request: Any, _context: Any) -> None:
        raise StoreUnavailable("Down.")

    async def continuation(_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(fails)

    handler = await CallInterceptor(1.0).intercept_service(continuation, Details())
    with pytest.raises(asyncio.CancelledError):
        await handler.stream_unary(None, CallerIsGone())


class Image:
    """A large object."""


@pytest.mark.parametrize("error", [ImageUndecodable, TimeoutError])
async def test_a_failed_call_releases_its_data(error: type[Exception]) -> None:
    """It does so without a garbage collection: a service that refuses many images keeps none of them."""
    held: list[weakref.ref[Image]] = []
    workers = Workers(1, 1)

    def work(image: Image) -> None:
        held.append(weakref.ref(image))
        raise error("Not this one.")

    async def fails(_request: Any, _context: Any) -> None:
        image = Image()
        await workers.run(work, image)

    async def continuation(_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(fails)

    handler = await CallInterceptor(1.0).intercept_service(continuation, Details())
    gc.disable()
    try:
        with pytest.raises(asyncio.CancelledError):
            await handler.stream_unary(None, CallerIsGone())
        await workers.run(int)
        assert [None] == [each() for each in held]
    finally:
        gc.enable()
        workers.close()


async def test_an_error_taken_out_of_a_group_ends_the_call() -> None:
    """The group is the error's context and contains it: following causes goes in a circle."""

    async def fails(_request: Any, _context: Any) -> None:
        async def refuses() -> None:
            raise ImageUndecodable("Not this one.")

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(refuses())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None  # as `in_parallel` does

    async def continuation(_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(fails)

    handler = await CallInterceptor(1.0).intercept_service(continuation, Details())
    with pytest.raises(asyncio.CancelledError):
        await handler.stream_unary(None, CallerIsGone())


async def test_cancelled_work_that_a_call_waits_for_does_not_cancel_the_call() -> None:
    """Its caller gets UNAVAILABLE and may retry; CANCELLED would not tell it so."""
    told: list[grpc.StatusCode] = []

    class Context(CallerIsGone):
        async def abort(self, code: grpc.StatusCode, *_status: object, **_more: object) -> None:
            told.append(code)

    async def fails(_request: Any, _context: Any) -> None:
        raise asyncio.CancelledError

    async def continuation(_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(fails)

    handler = await CallInterceptor(1.0).intercept_service(continuation, Details())
    await handler.stream_unary(None, Context())
    assert [grpc.StatusCode.UNAVAILABLE] == told


class Caller(CallerIsGone):
    """A caller that records how the call ended."""

    code: grpc.StatusCode | None = None

    async def abort(self, code: grpc.StatusCode, *_args: Any, **_kwargs: Any) -> None:
        """See grpc.aio.ServicerContext."""
        self.code = code
        raise grpc.aio.AbortError


async def test_calls_that_arrive_while_the_server_stops_are_unavailable() -> None:
    """They are not begun and may be retried; gRPC would cancel them, which looks like the callers' own cancellation."""
    begun: list[object] = []

    async def answers(request: Any, _context: Any) -> None:
        begun.append(request)

    async def continuation(_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(answers)

    calls, caller = CallInterceptor(1.0, Intake(1, 10, 1000, lambda: False)), Caller()
    handler = await calls.intercept_service(continuation, Details())
    await calls.refuse_the_unseen()
    with pytest.raises(grpc.aio.AbortError):
        await handler.stream_unary(None, caller)
    assert (grpc.StatusCode.UNAVAILABLE, []) == (caller.code, begun)
