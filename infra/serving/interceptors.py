"""The server interceptor: admission, request id, deadline, one log line, and errors as statuses, around every call.

A unary method is registered with gRPC as one that takes a stream. So its message is read here, after the call is
admitted and there is memory for it, and a malformed one is answered by this project's error.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import grpc

from biometrics.errors import Overloaded, Unavailable
from infra.admission.admission import REFUSAL
from infra.admission.intake import Intake, Passage
from infra.deadlines import Deadline, current_deadline
from infra.serving.exchange import Context, abort, drop_traceback, parsed, read_message
from infra.serving.failures import is_cancelled, method_unknown, ours, status_code
from infra.serving.log_lines import one_line
from infra.serving.request_ids import REQUEST_ID_HEADER, current_request_id, request_id_of
from infra.serving.streams import OpenStreams, guarded
from infra.wire.status import code_of

__all__ = ["REQUEST_ID_HEADER", "CallInterceptor", "current_request_id"]

log = logging.getLogger("biofusion.call")

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

Answer: TypeAlias = Callable[[Context, "Passage | None"], Awaitable[Any]]

OF_GRPC = "/grpc."
"""Prefix of health checks and reflection: never refused, since an orchestrator restarts a server without health."""

WAITING = "/google.longrunning.Operations/WaitOperation"
"""It costs nothing but time, so that nothing is learned from it about costs: it is not admitted."""

UNSEEN_S = 0.3
"""Seconds after which gRPC has handed over the calls that had arrived before."""

REPORT_S = 1.0
"""Interval, in seconds, over which refused calls are counted and logged in one line."""


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Runs each unary call under its deadline and turns errors into statuses.

    Args:
        default_deadline_s: seconds that a call has if its caller states no deadline.
        intake: admission that calls pass; None for a server whose callers have passed one already.
    """

    def __init__(self, default_deadline_s: float, intake: Intake | None = None) -> None:
        self._default_deadline_s = default_deadline_s
        self._intake = intake
        self._streams = OpenStreams(_log, intake.room if intake else None)
        self._handlers: dict[str, Handler] = {}
        self._refused = 0
        self._running = 0
        self._is_ending = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def refuse_the_unseen(self) -> None:
        """Answer new calls with UNAVAILABLE from now on; return when gRPC has handed over the calls it already holds.

        When a server ends, gRPC cancels the calls it has not handed over, and callers cannot tell that a retry is safe.
        """
        self._is_ending = True
        self._streams.refuse()
        await asyncio.sleep(UNSEEN_S)

    async def until_idle(self) -> None:
        """Wait until no unary call runs. Streams do not count: a health watch never ends by itself."""
        await self._idle.wait()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """The method's handler, wrapped."""
        method = handler_call_details.method
        known = self._handlers.get(method)
        if known is None:
            handler = await continuation(handler_call_details)
            if handler is None:
                return self._unary(partial(_unknown, method), method, None)
            known = self._handlers[method] = self._wrapped(handler, method)
        return known

    def _wrapped(self, handler: Handler, method: str) -> Handler:
        if handler.unary_unary is None:
            return guarded(handler, method, self._streams)
        parse, serialise = handler.request_deserializer, handler.response_serializer
        behaviour: Any = handler.unary_unary

        async def answer(context: Context, passage: Passage | None) -> Any:
            read, behave = partial(read_message, context), partial(_flipped, behaviour, context)
            if passage is None:
                response = await behave(parsed(parse, await read()))
            else:
                response = await passage.answer(read, partial(parsed, parse), behave)
            return response if serialise is None else serialise(response)

        return self._unary(answer, method, None if method.startswith(OF_GRPC) or method == WAITING else self._intake)

    def _unary(self, answer: Answer, method: str, intake: Intake | None) -> Handler:
        async def call(_requests: Any, context: Context) -> Any:
            if self._is_ending and intake:
                request_id = request_id_of(context.invocation_metadata())
                await abort(context, Unavailable("The server is stopping. Try again."), method, request_id)
            left = context.time_remaining()
            deadline = Deadline.after(self._default_deadline_s if left is None else left)
            if intake and (delay_s := intake.delay_s(method, deadline)):
                return await self._refuse(context, method, delay_s if left != 0.0 else 0.0)
            with self._counted():
                return await self._call(answer, method, deadline, intake, context)

        return grpc.stream_unary_rpc_method_handler(call)

    async def _refuse(self, context: Context, method: str, delay_s: float) -> None:
        """Refuse a call with as little work as possible: under overload this runs thousands of times a second."""
        self._refused += 1
        if self._refused == 1:
            asyncio.get_running_loop().call_later(REPORT_S, self._report)
        if not delay_s:
            raise asyncio.CancelledError  # its caller has gone: an answer would only cost other calls time
        request_id = request_id_of(context.invocation_metadata())
        log.debug("%s refused request_id=%s", method, request_id)
        await abort(context, Overloaded(REFUSAL, retry_after_s=delay_s), method, request_id)

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
        self, answer: Answer, method: str, deadline: Deadline, intake: Intake | None, context: Context
    ) -> Any:
        begin, code = time.monotonic(), grpc.StatusCode.OK
        request_id = request_id_of(context.invocation_metadata())
        try:
            passage = intake.take(method, deadline) if intake else None
            current_request_id.set(request_id)
            current_deadline.set(deadline)
            async with asyncio.timeout(deadline.left_s):
                return await answer(context, passage)
        except grpc.aio.AbortError:  # the handler has ended the call itself
            code = status_code(context.code())
            raise
        except (Exception, asyncio.CancelledError) as error:  # the boundary: every error becomes a status
            if is_cancelled(error):
                code = grpc.StatusCode.CANCELLED
                raise
            failure = ours(error, method, context)
            code = code_of(failure)
            if failure is not error:
                drop_traceback(error)
        finally:
            _log(method, code, 1000 * (time.monotonic() - begin), request_id)
        return await abort(context, failure, method, request_id)

    def _report(self) -> None:
        log.warning("refused %d calls in %.0f s: they could not have been answered in time", self._refused, REPORT_S)
        self._refused = 0


def _log(method: str, code: grpc.StatusCode, took_ms: float, request_id: str) -> None:
    level = logging.DEBUG if method.startswith(OF_GRPC) else logging.INFO
    if log.isEnabledFor(level):
        log.log(level, "%s %s %.1f ms request_id=%s", one_line(method), code.name, took_ms, request_id)


def _flipped(behaviour: Callable[[Any, Context], Awaitable[Any]], context: Context, request: Any) -> Awaitable[Any]:
    return behaviour(request, context)


async def _unknown(method: str, _context: Context, _passage: None) -> None:
    raise method_unknown(method)
