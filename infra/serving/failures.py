"""How a unary call has failed: cancelled, out of time, not implemented, or by an error of this project."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from biometrics.errors import DeadlineExpired, MethodUnknown, Unavailable
from infra.serving.exchange import Context
from infra.serving.logs.lines import one_line


def is_cancelled(error: BaseException) -> bool:
    """Whether the call itself was cancelled, by its caller or the server's end, and not just something it awaited."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def ours(error: BaseException, method: str, context: Context) -> Exception:
    """The error of this project that a failed call ends with; errors that end the process are raised again."""
    match error:
        case NotImplementedError() if status_code(context.code()) is grpc.StatusCode.UNIMPLEMENTED:
            return method_unknown(method)  # a method that the generated servicer declares and nobody wrote
        case TimeoutError():
            return DeadlineExpired("The time for this call is used up.")
        case asyncio.CancelledError():
            return Unavailable("Work that this call waited for was cancelled. Try again.")
        case Exception():
            return error
    raise error


def status_code(code: Any) -> grpc.StatusCode:
    """A context's code, which grpc.aio keeps as a number."""
    return next((each for each in grpc.StatusCode if code in (each, each.value[0])), grpc.StatusCode.UNKNOWN)


def method_unknown(method: str) -> MethodUnknown:
    """The error of a call to a method that the server does not have."""
    return MethodUnknown(f"This server has no method {one_line(method)[:200]}. Reflection lists those it has.")
