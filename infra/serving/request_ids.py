"""A call's name, by which the logs of all services it goes through can be joined."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from random import getrandbits

REQUEST_ID_HEADER = "x-request-id"
SAFE = re.compile(r"[A-Za-z0-9._:/+@-]{1,64}")
"""What a caller may call its request: nothing that could be taken for another part of a log line."""

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="")
"""Of the call that this task serves; sent along with the calls it makes."""


def request_id_of(metadata: object) -> str:
    """The caller's name for the request, where it is `SAFE`; else a new one."""
    for key, value in metadata or ():  # type: ignore[attr-defined]  # grpc's metadata types differ by call kind
        if key == REQUEST_ID_HEADER and isinstance(value, str) and SAFE.fullmatch(value):
            return value
    return str(uuid.UUID(int=getrandbits(128), version=4))  # a name, no secret: and made without a system call
