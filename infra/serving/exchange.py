"""Messages and errors of one call: bytes are read and parsed, errors leave by the table."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeAlias

import grpc

from biometrics.errors import MessageMalformed
from infra.serving.log_lines import one_line
from infra.serving.request_ids import REQUEST_ID_HEADER
from infra.wire.status import code_of, written

log = logging.getLogger("biofusion.call")

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


async def read_message(context: Context) -> bytes:
    """The next message of a call whose handler takes a stream of bytes.

    Raises:
        MessageMalformed: the caller sent none, or one that is too long, which gRPC has answered already.
    """
    raw = await context.read()
    if raw is grpc.aio.EOF:
        raise MessageMalformed("The call has no message, where one is needed.")
    return bytes(raw)


def parsed(parse: Callable[[bytes], Any] | None, raw: bytes) -> Any:
    """The message in these bytes.

    Raises:
        MessageMalformed: they are none.
    """
    if parse is None:
        return raw
    try:
        return parse(raw)
    except Exception:  # noqa: BLE001 - parsers differ in what they raise, and its text may quote the bytes
        raise MessageMalformed(
            "The bytes are not the message that this method takes: cut off, of another type, nested too deeply, or "
            "with text that is not UTF-8. Build it with code generated from the contract."
        ) from None


async def abort(context: Context, error: Exception, method: str, request_id: str) -> None:
    """End a call by the table of errors; what is our fault is logged.

    Raises:
        grpc.aio.AbortError: always, or asyncio.CancelledError where the caller has gone.
    """
    code = code_of(error)
    if code is grpc.StatusCode.INTERNAL:
        log.error("%s failed request_id=%s", one_line(method), request_id, exc_info=error)
    let_go(error)
    message, details = written(error)
    trailing = ((REQUEST_ID_HEADER, request_id), ("grpc-status-details-bin", details))
    try:
        await context.abort(code, message, trailing_metadata=trailing)
    except grpc.aio.InternalError:
        raise asyncio.CancelledError from None  # there is nobody to tell


def let_go(error: BaseException) -> None:
    """Drop what an error, and those it came from, hold of the calls they passed through.

    A frame that knows the error, and is known by it, keeps images and arrays until the next full garbage collection.
    Errors may come from each other in a circle: one that was taken out of a group came from the group.
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
