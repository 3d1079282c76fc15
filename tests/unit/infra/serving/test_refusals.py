from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import grpc
import pytest

from infra.admission.intake import Intake
from infra.fairness.flows import Flows
from infra.serving.accepting import Accepting
from infra.serving.interceptors import CallInterceptor
from infra.serving.refusals import Refusals
from infra.serving.server import new_server
from infra.settings import Settings
from infra.wire.status import error_info, retry_delay_s
from tests.unit.infra.serving.test_interceptors import Caller

METHOD = "/test.Test/Call"


class Full(Intake):
    """An intake that admits nothing once it is full."""

    is_full = False

    def __init__(self) -> None:
        super().__init__(1, 100, 1000, bool)

    def delay_s(self, *_asked: object) -> float:
        """See Intake."""
        return 1.5 if self.is_full else 0.0


def refusals(*, is_full: bool = True) -> Refusals:
    """Those of a server that limits one method."""
    intake = Full()
    intake.is_full = is_full
    found = Refusals(1.0, intake, Flows())
    found.limit(METHOD)
    return found


async def test_a_refused_call_is_told_when_to_come_back() -> None:
    """With RESOURCE_EXHAUSTED."""
    caller = Caller()
    refusal = refusals().of(METHOD, caller)
    assert refusal
    with pytest.raises(grpc.aio.AbortError):
        await refusal
    assert grpc.StatusCode.RESOURCE_EXHAUSTED == caller.code


async def test_calls_that_are_not_to_be_refused_have_no_refusal() -> None:
    """Those that are admitted, of other methods (health), and of a server that stops."""
    stopping = refusals()
    stopping.stop()
    assert refusals(is_full=False).of(METHOD, Caller()) is None
    assert refusals().of("/grpc.health.v1.Health/Check", Caller()) is None
    assert stopping.of(METHOD, Caller()) is None


async def test_a_caller_who_has_gone_is_told_nothing() -> None:
    """Its call ends without an answer."""

    class Gone(Caller):
        def time_remaining(self) -> float:  # type: ignore[override]
            """None is left."""
            return 0.0

    caller = Gone()
    refusal = refusals().of(METHOD, caller)
    assert refusal
    with pytest.raises(asyncio.CancelledError):
        await refusal
    assert caller.code is None


async def test_most_calls_are_refused_as_they_are_accepted() -> None:
    """A real server refuses all calls; only those that grpc.aio's own loop accepted have come to the interceptor."""
    intake, came = Full(), Counter[str]()

    class Counting(CallInterceptor):
        async def intercept_service(self, *args: Any) -> Any:
            came["here"] += 1
            return await super().intercept_service(*args)

    async def answer(request: bytes, _context: Any) -> bytes:
        return request

    calls = Counting(5.0, intake)
    server = new_server(Settings(), calls)
    accepting = Accepting(server, [calls], calls.refusals)
    handlers = {"Call": grpc.unary_unary_rpc_method_handler(answer)}
    accepting.add_registered_method_handlers("test.Test", handlers)
    accepting.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Test", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    accepting.start()
    told = []
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary(METHOD)
        assert b"x" == await call(b"x", timeout=30)
        intake.is_full, came["here"] = True, 0
        for ended in await asyncio.gather(*(call(b"x", timeout=30) for _ in range(200)), return_exceptions=True):
            assert isinstance(ended, grpc.aio.AioRpcError)
            told.append((error_info(ended.trailing_metadata()).reason, retry_delay_s(ended.trailing_metadata())))
    await server.stop(None)
    assert {("OVERLOADED", 1.5)} == set(told)
    assert came["here"] < 100
