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

from biometrics.errors import MessageMalformed, Unavailable
from infra.admission.intake import Intake, Passage
from infra.deadlines import Deadline, current_deadline
from infra.fairness.flows import Flows
from infra.identity.caller import Proof
from infra.identity.visit import Visit
from infra.serving.door import Door
from infra.serving.exchange import Context, abort, drop_traceback, parsed, read_message
from infra.serving.failures import is_cancelled, method_unknown, ours, status_code
from infra.serving.logs.lines import one_line
from infra.serving.refusals import Refusals
from infra.serving.request_ids import current_request_id, request_id_of
from infra.serving.streams import OpenStreams, guarded
from infra.telemetry.metrics import calls
from infra.telemetry.metrics.calls import OF_GRPC
from infra.telemetry.traces import Work
from infra.wire.status import code_of

log = logging.getLogger("biofusion.call")

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

Answer: TypeAlias = Callable[[Context, "Passage | None", "Visit | None"], Awaitable[Any]]

WAITING = "/google.longrunning.Operations/WaitOperation"
"""It costs nothing but time, so that nothing is learned from it about costs: it is not admitted."""

UNSEEN_S = 0.3
"""Seconds after which gRPC has handed over the calls that had arrived before."""

ELSEWHERE_MS = 600
"""Delay of the retry of a call that a server refuses as it stops, in ms: afterwards its connections have ended, so that
the retry goes to another process. Without it, all attempts may meet the one that stops."""


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Runs each unary call under its deadline and turns errors into statuses.

    Args:
        default_deadline_s: seconds that a call has if its caller states no deadline.
        intake: admission that calls pass; None for a server whose callers have passed one already.
        door: gate and witness that calls of this project's services pass.
    """

    def __init__(self, default_deadline_s: float, intake: Intake | None = None, door: Door | None = None) -> None:
        self._default_deadline_s = default_deadline_s
        self._intake = intake
        self._door = door or Door()
        self._streams = OpenStreams(_log, intake.room if intake else None)
        self._flows = Flows()
        self.refusals = Refusals(default_deadline_s, intake, self._flows)
        self._handlers: dict[str, Handler] = {}
        self._running = 0
        self._is_ending = False
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def stream_count(self) -> int:
        """Streams of this project that are open."""
        return self._streams.count

    async def refuse_the_unseen(self, most_s: float = UNSEEN_S) -> None:
        """Answer new calls with UNAVAILABLE from now on; return when gRPC has handed over the calls it already holds.

        When a server ends, gRPC cancels the calls it has not handed over, and callers cannot tell that a retry is safe.
        It takes at most `most_s` seconds.
        """
        self._is_ending = True
        self.refusals.stop()
        self._streams.refuse()
        await asyncio.sleep(min(UNSEEN_S, most_s))

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
        calls.known(method)
        door = None if method.startswith(OF_GRPC) else self._door
        if handler.unary_unary is None:
            return guarded(handler, method, self._streams, door)
        parse, serialise = handler.request_deserializer, handler.response_serializer
        behaviour: Any = handler.unary_unary

        async def answer(context: Context, passage: Passage | None, visit: Visit | None) -> Any:
            read = partial(read_message, context)
            behave: Callable[[Any], Awaitable[Any]] = partial(_flipped, behaviour, context)
            if door and visit:
                behave = partial(door.answer_and_record, method, visit, behave)
            try:
                if passage is None:
                    response = await behave(parsed(parse, await read()))
                else:
                    response = await passage.answer(read, partial(parsed, parse), behave)
            except MessageMalformed as error:
                if door and visit:
                    await door.unread(method, visit, error)
                raise
            if door and visit:
                response, record = response
                await record
                response = await door.leave(response)
            return response if serialise is None else serialise(response)

        if method.startswith(OF_GRPC) or method == WAITING:
            return self._unary(answer, method, None)
        self.refusals.limit(method)
        return self._unary(answer, method, self._intake)

    def _unary(self, answer: Answer, method: str, intake: Intake | None) -> Handler:
        async def call(_requests: Any, context: Context) -> Any:
            if self._is_ending and intake:
                request_id = request_id_of(context.invocation_metadata())
                stopping = Unavailable("The server is stopping. Try again.")
                await abort(context, stopping, method, request_id, ELSEWHERE_MS)
            if refusal := self.refusals.of(method, context):
                return await refusal
            deadline = Deadline.of_call(context.time_remaining(), self._default_deadline_s)
            with self._counted():
                return await self._call(answer, method, deadline, intake, context)

        return grpc.stream_unary_rpc_method_handler(call)

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
        work = calls.begun(method, context.invocation_metadata())
        try:
            current_request_id.set(request_id)
            current_deadline.set(deadline)
            async with asyncio.timeout(deadline.left_s):
                visit = None if method.startswith(OF_GRPC) else await self._door.enter(method, context)
                return await answer(context, self._admitted(intake, method, deadline, context, visit), visit)
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
            _log(method, code, 1000 * (time.monotonic() - begin), request_id, work)
        return await abort(context, failure, method, request_id)

    def _admitted(
        self, intake: Intake | None, method: str, deadline: Deadline, context: Context, visit: Visit | None
    ) -> Passage | None:
        if intake is None:
            return None
        name = visit.caller.name if visit and visit.caller.proof is not Proof.NONE else None
        return intake.take(method, deadline, self._flows.learn(context, name))


def _log(method: str, code: grpc.StatusCode, took_ms: float, request_id: str, work: Work | None = None) -> None:
    """Count and log a call at its end: the one place that all calls pass."""
    calls.ended(method, code.name, took_ms, work)
    level = logging.DEBUG if method.startswith(OF_GRPC) else logging.INFO
    if log.isEnabledFor(level):
        facts = {"method": method, "code": code.name, "took_ms": round(took_ms, 1)}
        told = one_line(method), code.name, took_ms, request_id
        log.log(level, "%s %s %.1f ms request_id=%s", *told, extra={"facts": facts})


def _flipped(behaviour: Callable[[Any, Context], Awaitable[Any]], context: Context, request: Any) -> Awaitable[Any]:
    return behaviour(request, context)


async def _unknown(method: str, _context: Context, _passage: None, _visit: Visit | None) -> None:
    raise method_unknown(method)
