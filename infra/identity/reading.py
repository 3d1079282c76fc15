"""Reads bytes that somebody else serves: within limits, and without redirections."""

from __future__ import annotations

import time
from http.client import HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request

_AT_ONCE = 16 * 1024


class NoRedirect(HTTPRedirectHandler):
    """Follows none: what is read comes from where the operator says, or not at all."""

    def redirect_request(
        self, _request: Request, _file: IO[bytes], _code: int, _message: str, _headers: HTTPMessage, _url: str
    ) -> None:
        """None: the redirection is an error."""


def limited(source: Any, most_bytes: int, end: float) -> bytes:
    """All bytes of a file or an answer.

    Args:
        source: has `read1`.
        most_bytes: that are read.
        end: time.monotonic() until which it may take.

    Raises:
        ValueError: they are more.
        TimeoutError: it takes longer.
    """
    read = bytearray()
    while chunk := source.read1(_AT_ONCE):
        read += chunk
        if len(read) > most_bytes:
            raise ValueError("it is too large")
        if time.monotonic() > end:
            raise TimeoutError
    return bytes(read)


def cause_of(error: Exception) -> str:
    """The HTTP status, or the class of the error below urllib's."""
    if isinstance(error, HTTPError):
        error.close()  # it holds the connection
        return str(error.code)
    below = getattr(error, "reason", error)
    return type(below if isinstance(below, Exception) else error).__name__
