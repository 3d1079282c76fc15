"""The status codes of MOSIP's biometric SDK, and the answers that name them in place of a result."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from infra.calling.calls import CallFailed


class Status(IntEnum):
    """`statusCode` of an answer. The answer itself always has HTTP status 200."""

    SUCCESS = 200
    INVALID_INPUT = 401
    MISSING_INPUT = 402
    QUALITY_CHECK_FAILED = 403
    NOT_FOUND_IN_CBEFF = 404
    MATCHING_FAILED = 405
    POOR_QUALITY = 406
    UNKNOWN_ERROR = 500


class Refused(Exception):
    """A request whose answer has no result.

    Args:
        status: its code.
        message: what is wrong and what to do; without anything of a biometric.
        response: in place of null, where MOSIP's schema wants a result also of a failure.
    """

    def __init__(self, status: Status, message: str, response: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.response = status, message, response


class Unreadable(Exception):
    """A body that is no request, so that not even a code of the SDK applies.

    Args:
        code: of the error in the envelope, as MOSIP's own service names it.
        message: what is wrong.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


_OF_TEMPLATES = {"TEMPLATE_MODEL_MISMATCH", "COMPARATOR_UNCALIBRATED"}


def is_of_sample(error: CallFailed) -> bool:
    """Whether the sample is a valid one that cannot be used: no face in the image, too few minutiae."""
    return error.status == "FAILED_PRECONDITION" and error.reason not in _OF_TEMPLATES


def refusal_of(error: CallFailed) -> Refused:
    """The answer that tells of a call that failed."""
    if error.status == "INVALID_ARGUMENT" or error.reason in _OF_TEMPLATES:
        return Refused(Status.INVALID_INPUT, error.message)
    return Refused(Status.UNKNOWN_ERROR, f"{error.reason or error.status}: a service did not do what it was asked.")
