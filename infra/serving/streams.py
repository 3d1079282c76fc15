"""Streaming calls: errors as statuses. They have no end of their own, so they take no turn of the admission queue.

gRPC's health watches and reflection are left as they are otherwise. A stream of this project (one request, many
answers) also gets a request id, a log line at its end, and a place among the streams that a server holds open.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeAlias

import grpc

from biometrics.errors import MessageMalformed, Overloaded, Unavailable
from infra.admission.message_memory import MessageMemory
from infra.deadlines import NEVER, Deadline, current_deadline
from infra.identity.visit import Visit
from infra.serving.door import Door
from infra.serving.exchange import Context, abort, parsed, read_message
from infra.serving.failures import ours
from infra.serving.request_ids import current_request_id, request_id_of
from infra.telemetry.metrics import calls
from infra.telemetry.traces import Work
from infra.wire.status import code_of

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Log: TypeAlias = Callable[[str, grpc.StatusCode, float, str, Work | None], None]

MOST_OPEN = 1000
"""Streams that a server holds open at a time; further ones are refused."""

RETRY_S = 5.0

READ_S = 30.0
"""Seconds by which the place of a stream's request in the queue for memory is told: its deadline may be far."""


class OpenStreams:
    """The streams of this project that a server holds open.

    Args:
        log: writes a call's line: method, code, milliseconds, request id, span.
        room: memory for messages; None for a server whose callers have been admitted already.
        most: maximum of their number.
    """

    def __init__(self, log: Log, room: MessageMemory | None = None, most: int = MOST_OPEN) -> None:
        self.log = log
        self._room = room
        self._most = most
        self.count = 0
        self._is_ending = False

    def refuse(self) -> None:
        """Refuse new streams from now on."""
        self._is_ending = True

    def enter(self) -> None:
        """Count one more.

        Raises:
            Overloaded: there are too many.
            Unavailable: the server ends.
        """
        if self._is_ending:
            raise Unavailable("The server is stopping. Try again.")
        if self.count >= self._most:
            raise Overloaded("The server holds as many streams as it can. Try again later.", retry_after_s=RETRY_S)
        self.count += 1

    def leave(self) -> None:
        """Count one less."""
        self.count -= 1

    async def request(self, context: Context, parse: Callable[[bytes], Any] | None) -> Any:
        """The request of a stream, read when there is memory for it.

        Raises:
            Overloaded: there is none, and it arrives slowly.
            MessageMalformed: it cannot be parsed.
        """
        if self._room is None:
            return parsed(parse, await read_message(context))
        raw = await self._room.take(partial(read_message, context), Deadline.after(READ_S))
        try:
            return parsed(parse, raw)
        finally:
            self._room.give_back(len(raw))


def guarded(handler: Handler, method: str, streams: OpenStreams, door: Door | None = None) -> Handler:
    """The handler with errors as statuses, behind the door; unchanged if it is of a kind that no service here has."""
    stream = _Stream(handler, method, streams, door)
    if inspect.isasyncgenfunction(handler.unary_stream):
        return grpc.stream_stream_rpc_method_handler(stream.follow, None, handler.response_serializer)
    if inspect.iscoroutinefunction(handler.unary_stream):
        return grpc.stream_stream_rpc_method_handler(stream.answer, None, handler.response_serializer)
    if inspect.isasyncgenfunction(handler.stream_stream):
        return grpc.stream_stream_rpc_method_handler(stream.talk, None, handler.response_serializer)
    return handler


class _Stream:
    """A handler's behaviour on raw messages, with errors as statuses."""

    def __init__(self, handler: Any, method: str, streams: OpenStreams, door: Door | None) -> None:
        self._handler, self._method, self._streams, self._door = handler, method, streams, door

    async def follow(self, _requests: Any, context: Context) -> AsyncIterator[Any]:
        """Answer one message with many, until the caller ends it or its deadline passes."""
        begin, code, left = time.monotonic(), grpc.StatusCode.OK, context.time_remaining()
        request_id = request_id_of(context.invocation_metadata())
        current_request_id.set(request_id)
        work = calls.begun(self._method, context.invocation_metadata())
        current_deadline.set(NEVER if left is None else Deadline.after(left))
        has_entered = False
        try:
            self._streams.enter()
            has_entered = True
            visit = await self._door.enter(self._method, context) if self._door else None
            request = await self._request(context, visit)
            if self._door and visit:
                await self._door.open(self._method, visit, request)
            async for each in self._handler.unary_stream(request, context):
                yield each
        except (asyncio.CancelledError, GeneratorExit):
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: every error becomes a status
            failure = ours(error, self._method, context)
            code = code_of(failure)
            await abort(context, failure, self._method, request_id)
        finally:
            if has_entered:
                self._streams.leave()
            self._streams.log(self._method, code, 1000 * (time.monotonic() - begin), request_id, work)

    async def _request(self, context: Context, visit: Visit | None) -> Any:
        try:
            return await self._streams.request(context, self._handler.request_deserializer)
        except MessageMalformed as error:
            if self._door and visit:
                await self._door.unread(self._method, visit, error)
            raise

    async def answer(self, _requests: Any, context: Context) -> None:
        """Answer one message with many."""
        async with self._errors_told(context):
            request = parsed(self._handler.request_deserializer, await read_message(context))
            await self._handler.unary_stream(request, context)

    async def talk(self, raw: AsyncIterator[bytes], context: Context) -> AsyncIterator[Any]:
        """Answer many messages with many."""
        async with self._errors_told(context):
            async for each in self._handler.stream_stream(self._requests(raw), context):
                yield each

    async def _requests(self, raw: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for each in raw:
            yield parsed(self._handler.request_deserializer, each)

    @asynccontextmanager
    async def _errors_told(self, context: Context) -> AsyncIterator[None]:
        try:
            yield
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: every error becomes a status
            await abort(context, error, self._method, request_id_of(context.invocation_metadata()))
