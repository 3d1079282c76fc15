"""What can go wrong with a request, and how it is told: status and code, never text of the body."""

from __future__ import annotations

from typing import Any

from infra.calling.calls import CallFailed

CODES = {
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 503,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""gRPC status → `code`; 500 for others. UNAUTHENTICATED is about the adapter, not about its caller."""

FORBIDDEN, CONFLICT, GONE = 403, 409, 404


class Refused(Exception):
    """The adapter refuses a request.

    Args:
        code: the HTTP status that fits best.
        message: what is wrong, and what to do.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(str(code))
        self.code, self.message = code, message


def bad(message: str) -> Refused:
    """The error of a request that cannot be understood or honoured."""
    return Refused(400, message)


def fault_of(error: Exception) -> dict[str, Any]:
    """`code` and `message` of an error; a fixed text for what is not expected."""
    if isinstance(error, Refused):
        return {"code": error.code, "message": error.message}
    if isinstance(error, CallFailed):
        code = CODES.get(error.status, 500)
        reason = f"{error.reason}: " if error.reason else ""
        message = error.message if code != 500 else "The fusion service cannot be called."
        return {"code": code, "message": f"{reason}{message}"}
    return {"code": 500, "message": "An internal error. It is logged."}


def status_of(code: int, documented: frozenset[int]) -> int:
    """The HTTP status of a code: itself if the operation documents it, else 400 or 500."""
    if code in documented:
        return code
    return 400 if code < 500 else 500
