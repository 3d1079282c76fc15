"""What happens around every call: a request id, a deadline, one log line, errors by the table."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import grpc

from biometrics.errors import DeadlineExpired
from infra.status import code_of, status_of

log = logging.getLogger("biofusion.call")

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Behaviour: TypeAlias = Callable[[Any, Any], Awaitable[Any]]
REQUEST_ID_HEADER = "x-request-id"
current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
"""Of the call that this task serves; sent along with the calls it makes, so that logs can be joined."""


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Runs each unary call under its deadline and turns errors into statuses.

    Args:
        default_deadline_s: the time a call has when its caller states none.
    """

    def __init__(self, default_deadline_s: float) -> None:
        self._default_deadline_s = default_deadline_s
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def until_idle(self) -> None:
        """Return when no unary call runs. Streams do not count: a health watch has no end of its own."""
        await self._idle.wait()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Wrap the handler of a unary call; streams (health watch, reflection) pass through."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        behaviour: Behaviour = handler.unary_unary
        method = handler_call_details.method

        async def call(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            with self._counted():
                return await self._call(behaviour, method, request, context)

        return grpc.unary_unary_rpc_method_handler(
            call,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _call(
        self, behaviour: Behaviour, method: str, request: Any, context: grpc.aio.ServicerContext[Any, Any]
    ) -> Any:
        request_id = _request_id(context)
        current_request_id.set(request_id)
        begin = time.monotonic()
        code = grpc.StatusCode.OK
        try:
            async with asyncio.timeout(self._seconds_left(context)):
                return await behaviour(request, context)
        except asyncio.CancelledError:
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception as error:  # the border: every error leaves by the table
            error = DeadlineExpired("The time for this call is used up.") if isinstance(error, TimeoutError) else error
            code = code_of(error)
            if code is grpc.StatusCode.INTERNAL:
                log.exception("%s failed request_id=%s", method, request_id, exc_info=error)
            await _abort(context, error, request_id)
        finally:
            level = logging.DEBUG if method.startswith("/grpc.health.") else logging.INFO
            took_ms = 1000 * (time.monotonic() - begin)
            log.log(level, "%s %s %.1f ms request_id=%s", method, code.name, took_ms, request_id)

    def _seconds_left(self, context: grpc.aio.ServicerContext[Any, Any]) -> float:
        left = context.time_remaining()
        return self._default_deadline_s if left is None else left


async def _abort(context: grpc.aio.ServicerContext[Any, Any], error: Exception, request_id: str) -> None:
    status = status_of(error)
    trailing = ((REQUEST_ID_HEADER, request_id), ("grpc-status-details-bin", status.SerializeToString()))
    try:
        await context.abort(code_of(error), status.message, trailing_metadata=trailing)
    except grpc.aio.InternalError:
        raise asyncio.CancelledError from None  # the caller has gone: there is nobody to tell


def _request_id(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == REQUEST_ID_HEADER and value and isinstance(value, str) and value.isascii() and value.isprintable():
            return value[:64]
    return str(uuid.uuid4())
