from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from biometrics.errors import StoreUnavailable
from infra.interceptors import CallInterceptor


class CallerIsGone:
    """The context of a call whose caller has hung up: gRPC can send nothing any more."""

    def invocation_metadata(self) -> tuple[()]:
        """None."""
        return ()

    async def read(self) -> bytes:
        """A message."""
        return b""

    def time_remaining(self) -> None:
        """No deadline."""

    async def abort(self, *_status: object, **_more: object) -> None:
        """Fails as gRPC's does."""
        raise grpc.aio.InternalError("Failed 'execute_batch'")


class Details:
    """Of a call."""

    method = "/test.Test/Call"


async def test_an_error_that_nobody_can_be_told_ends_quietly() -> None:
    """The call ends as cancelled, which gRPC does not report as a failure of the handler."""

    async def fails(_request: Any, _context: Any) -> None:
        raise StoreUnavailable("Down.")

    async def continuation(_details: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(fails)

    handler = await CallInterceptor(1.0).intercept_service(continuation, Details())
    with pytest.raises(asyncio.CancelledError):
        await handler.stream_unary(None, CallerIsGone())
