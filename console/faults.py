"""What can go wrong with a request, as pages tell it."""

from __future__ import annotations

from infra.calling.calls import CallFailed

HTTP_STATUS = {
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "FAILED_PRECONDITION": 409,
    "INVALID_ARGUMENT": 400,
    "PERMISSION_DENIED": 403,
    "UNAUTHENTICATED": 502,
    "RESOURCE_EXHAUSTED": 503,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""gRPC status → HTTP status; 502 for others. UNAUTHENTICATED is about the console, not about the person."""


def http_status(failed: CallFailed) -> int:
    """The status that a browser gets."""
    return HTTP_STATUS.get(failed.status, 502)


class Refused(Exception):
    """The console itself refuses a request.

    Args:
        http_status: that a browser gets.
        reason: key of its message, e.g. `forbidden`.
    """

    def __init__(self, http_status: int, reason: str) -> None:
        super().__init__(reason)
        self.http_status, self.reason = http_status, reason


class LoginNeeded(Exception):
    """Nobody is logged in."""
