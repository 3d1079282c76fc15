"""Streaming calls, i.e. gRPC's health watches and reflection: errors as statuses. They have no end of their own."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import grpc

from infra.serving.exchange import Context, abort, parsed, read_message
from infra.serving.request_ids import request_id_of

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


def guarded(handler: Handler, method: str) -> Handler:
    """The handler with errors as statuses; unchanged if it is of a kind that gRPC's own services do not have."""
    stream = _Stream(handler, method)
    if inspect.iscoroutinefunction(handler.unary_stream):
        return grpc.stream_stream_rpc_method_handler(stream.answer, None, handler.response_serializer)
    if inspect.isasyncgenfunction(handler.stream_stream):
        return grpc.stream_stream_rpc_method_handler(stream.talk, None, handler.response_serializer)
    return handler


class _Stream:
    """A handler's behaviour on raw messages, with errors as statuses."""

    def __init__(self, handler: Any, method: str) -> None:
        self._handler, self._method = handler, method

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
