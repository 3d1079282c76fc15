"""Calls with streams: those of gRPC itself, health watches and reflection. They have no end of their own."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc

from infra.exchange import Context, abort, parsed, read_message
from infra.request_ids import request_id_of

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


def guarded(handler: Handler, method: str) -> Handler:
    """The handler with errors by the table; itself where it is of a kind that gRPC's own services do not have."""
    if inspect.iscoroutinefunction(handler.unary_stream):
        return _guarded_answer(handler, method)
    if inspect.isasyncgenfunction(handler.stream_stream):
        return _guarded_dialogue(handler, method)
    return handler


def _guarded_answer(handler: Handler, method: str) -> Handler:
    async def call(_requests: Any, context: Context) -> None:
        try:
            await handler.unary_stream(parsed(handler.request_deserializer, await read_message(context)), context)
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001 - the border: every error leaves by the table
            await abort(context, error, method, request_id_of(context.invocation_metadata()))

    return grpc.stream_stream_rpc_method_handler(call, None, handler.response_serializer)


def _guarded_dialogue(handler: Handler, method: str) -> Handler:
    async def requests(raw: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for each in raw:
            yield parsed(handler.request_deserializer, each)

    async def call(raw: AsyncIterator[bytes], context: Context) -> AsyncIterator[Any]:
        try:
            async for answer in handler.stream_stream(requests(raw), context):
                yield answer
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001 - the border: every error leaves by the table
            await abort(context, error, method, request_id_of(context.invocation_metadata()))

    return grpc.stream_stream_rpc_method_handler(call, None, handler.response_serializer)
