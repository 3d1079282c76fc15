"""Sends one message by HTTP, within 5 s, to one address. Redirections are not followed, and no body is read."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer

from biometrics.errors import ServiceUnavailable
from infra.callbacks.origins import Target

TIMEOUT_S = 5.0
"""Longest time, in seconds, of an attempt."""


class CheckedConnection(HTTPConnection):
    """A connection to the address that was checked; with TLS, the certificate must name the host."""

    def __init__(self, target: Target, context: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_S)
        self._target, self._context, self.is_cut = target, context, False

    def connect(self) -> None:
        """Connect to the one address."""
        address = (self._target.address(), self._target.port)
        self.sock = socket.create_connection(address, timeout=TIMEOUT_S)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self._target.host)

    def cut(self) -> None:
        """End what it does; called by another thread."""
        self.is_cut = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


async def post(target: Target, body: bytes, headers: Mapping[str, str], authority: ssl.SSLContext | None = None) -> int:
    """Send a message, and return the status code of the answer.

    Args:
        target: where.
        body: JSON.
        headers: more headers.
        authority: whom certificates are checked by; None: the machine's authorities.

    Raises:
        ServiceUnavailable: no answer came within 5 s, or none of HTTP; the metadata's `cause` names what failed.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S + 1):
            return await asyncio.to_thread(_posted, target, body, headers, authority)
    except TimeoutError as error:
        raise ServiceUnavailable("The callback's host does not answer.", cause="TIMEOUT") from error


def _posted(target: Target, body: bytes, headers: Mapping[str, str], authority: ssl.SSLContext | None) -> int:
    context = (authority or ssl.create_default_context()) if target.scheme == "https" else None
    connection = CheckedConnection(target, context)
    timer = Timer(TIMEOUT_S, connection.cut)  # a server that sends a byte now and then meets no other limit
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST", target.path, body, {"Content-Type": "application/json", **headers})
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise ServiceUnavailable("The callback's host does not answer.", cause=type(error).__name__) from error
    finally:
        timer.cancel()
        connection.close()
    if connection.is_cut:  # its headers had no end, and were cut
        raise ServiceUnavailable("The callback's host does not answer.", cause="TIMEOUT")
    return status
