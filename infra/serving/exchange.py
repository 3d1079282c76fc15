"""Reads and parses a call's message, and ends a call with the status of an error."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc

from biometrics.errors import MessageMalformed
from infra.serving.logs.lines import one_line
from infra.serving.request_ids import REQUEST_ID_HEADER
from infra.wire.status import code_of, written

log = logging.getLogger("biofusion.call")

PUSHBACK = "grpc-retry-pushback-ms"
"""Metadata by which a server tells gRPC's clients when to retry (gRFC A6)."""

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


async def read_message(context: Context) -> bytes:
    """The next message of a call whose handler takes a stream of bytes.

    Raises:
        MessageMalformed: the caller sent none, or one over the limit, which gRPC has already answered.
    """
    raw = await context.read()
    if raw is grpc.aio.EOF:
        raise MessageMalformed("The call has no request message.")
    return bytes(raw)


def parsed(parse: Callable[[bytes], Any] | None, raw: bytes) -> Any:
    """Parse a message.

    Raises:
        MessageMalformed: the bytes are not such a message.
    """
    if parse is None:
        return raw
    try:
        return parse(raw)
    except Exception:  # noqa: BLE001 - parsers raise different errors, whose text may quote the bytes
        raise MessageMalformed(
            "The bytes are not the message that this method takes: cut off, of another type, nested too deeply, or "
            "with text that is not UTF-8. Build it with code generated from the contract."
        ) from None


async def abort(
    context: Context, error: Exception, method: str, request_id: str, retry_after_ms: int | None = None
) -> None:
    """End a call with the error's status (`infra.wire.status`); internal errors are logged.

    Args:
        context: of the call.
        error: that ends it.
        method: full name.
        request_id: of the call.
        retry_after_ms: delay of a retry by the caller's gRPC library, if it makes one; None: it chooses.

    Raises:
        grpc.aio.AbortError: always; asyncio.CancelledError instead if the caller has gone.
    """
    code = code_of(error)
    if code is grpc.StatusCode.INTERNAL:
        log.error("%s failed request_id=%s", one_line(method), request_id, exc_info=error)
    drop_traceback(error)
    message, details = written(error)
    trailing = ((REQUEST_ID_HEADER, request_id), ("grpc-status-details-bin", details))
    pushback = () if retry_after_ms is None else ((PUSHBACK, str(retry_after_ms)),)
    try:
        await context.abort(code, message, trailing_metadata=trailing + pushback)
    except grpc.aio.InternalError:
        raise asyncio.CancelledError from None  # the caller has gone


def drop_traceback(error: BaseException) -> None:
    """Drop the tracebacks of an error and its causes, so that they do not keep the data of the calls they passed.

    A reference cycle of frame and error keeps images and arrays alive until the next full garbage collection.
    Causes can be circular: an error taken out of a group has the group as its context.
    """
    met: dict[int, BaseException] = {}
    ahead: list[BaseException | None] = [error]
    while ahead:
        each = ahead.pop()
        if each is None or id(each) in met:
            continue
        met[id(each)] = each
        each.__traceback__ = None
        ahead += [each.__cause__, each.__context__]
        ahead += each.exceptions if isinstance(each, BaseExceptionGroup) else ()
