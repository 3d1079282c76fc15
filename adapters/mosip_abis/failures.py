"""MOSIP's failure reasons, and the errors that name them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from infra.calling.calls import CallFailed


class Failure(IntEnum):
    """`failureReason` of an answer."""

    INTERNAL = 1
    ABORTED = 2
    UNEXPECTED = 3
    NOT_UNDERSTOOD = 4
    NO_REFERENCE_ID = 5
    NO_REQUEST_ID = 6
    NOT_FETCHED = 7
    NO_REFERENCE_URL = 8
    NO_REQUEST_TIME = 9
    REFERENCE_EXISTS = 10
    NO_DATA = 11
    REFERENCE_UNKNOWN = 12
    WRONG_VERSION = 13
    WRONG_ID = 14
    WRONG_TIME = 15
    NOT_CBEFF = 16
    SHARE_EXPIRED = 17
    POOR_QUALITY = 18


PASSING = frozenset({Failure.INTERNAL, Failure.ABORTED, Failure.UNEXPECTED, Failure.NOT_FETCHED})
"""Failures that say nothing of the request itself: one that is sent again is tried again."""


class Refused(Exception):
    """The answer of a request is a failure.

    Args:
        failure: which.
        cause: UPPER_SNAKE, for the log; without anything of the request.
    """

    def __init__(self, failure: Failure, cause: str = "") -> None:
        super().__init__(f"{failure.name} {cause}".strip())
        self.failure, self.cause = failure, cause


class Later(Refused):
    """As `Refused`, if it is no better a little later."""


_LATER = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED"})
_NOT_OF_SAMPLES = frozenset(
    {"STORE_SET_BACK", "SUBJECT_FULL", "TEMPLATE_MODEL_MISMATCH", "COMPARATOR_UNCALIBRATED", "ENCOUNTER_INACTIVE"}
)


def refusal(error: CallFailed, own: Mapping[str, Failure] | None = None) -> Refused:
    """What becomes of a call that failed.

    Args:
        error: of fusion.
        own: gRPC status → failure, for the statuses that mean something to the operation.
    """
    cause = error.reason or error.status
    if error.status in _LATER or error.reason == "OVERLOADED":
        return Later(Failure.INTERNAL, cause)
    if failure := (own or {}).get(error.status):
        return Refused(failure, cause)
    if error.status == "FAILED_PRECONDITION" and error.reason not in _NOT_OF_SAMPLES:
        return Refused(Failure.POOR_QUALITY, cause)
    return Refused(Failure.INTERNAL, cause)
