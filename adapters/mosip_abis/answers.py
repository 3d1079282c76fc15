"""Answers: JSON that the schemas of both of MOSIP's kits accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.mosip_abis.failures import Failure

DONE, FAILED = "1", "2"


def done(operation: str, request_id: str, **more: Any) -> dict[str, Any]:
    """The answer of a request that was done.

    Args:
        operation: its id.
        request_id: its requestId.
        more: what else the operation answers.
    """
    return {**_head(operation, request_id), "returnValue": DONE, **more}


def failed(operation: object, request_id: object, failure: Failure) -> dict[str, Any]:
    """The answer of a request that failed; id and requestId as they came, "" for what is no text."""
    told = _head(*(each if isinstance(each, str) else "" for each in (operation, request_id)))
    return {**told, "returnValue": FAILED, "failureReason": str(int(failure)), **_NUMBERS.get(str(operation), {})}


_NUMBERS = {"mosip.abis.pendingJobs": {"jobscount": "0"}, "mosip.abis.referenceCount": {"count": "0"}}
"""What the schemas want also of a failure."""


def candidate_list(candidates: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """`candidateList` of an identification."""
    return {"count": str(len(candidates)), "candidates": list(candidates)}


def now() -> str:
    """The time, as MOSIP writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _head(operation: str, request_id: str) -> dict[str, Any]:
    return {"id": operation, "requestId": request_id, "responsetime": now()}
