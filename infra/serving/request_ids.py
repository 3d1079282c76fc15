"""Request ids, by which the logs of all services that a call passes can be joined."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from random import getrandbits

from infra.telemetry.traces import metadata_of_trace

REQUEST_ID_HEADER = "x-request-id"
SAFE = re.compile(r"[A-Za-z0-9._:/+@-]{1,64}")
"""Request ids accepted from callers: nothing that could be taken for another part of a log line."""

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
"""The id of the call that this task serves; sent along with the calls it makes."""


def metadata_of_call() -> tuple[tuple[str, str], ...]:
    """What a call that is made for the current one carries: its request id, and its trace if it has one."""
    return ((REQUEST_ID_HEADER, current_request_id.get()), *metadata_of_trace())


def request_id_of(metadata: object) -> str:
    """The caller's request id if it matches `SAFE`; else a new one."""
    for key, value in metadata or ():  # type: ignore[attr-defined]  # grpc's metadata types differ by call kind
        if key == REQUEST_ID_HEADER and isinstance(value, str) and SAFE.fullmatch(value):
            return value
    return str(uuid.UUID(int=getrandbits(128), version=4))  # an id need not be secret; made without a system call
