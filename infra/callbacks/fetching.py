"""Fetches bytes by HTTP, within 5 s, from one address that was checked. Redirections are not followed."""

from __future__ import annotations

import asyncio
import ssl
from http.client import HTTPException
from threading import Timer

from biometrics.errors import ServiceUnavailable
from infra.callbacks.origins import Target
from infra.callbacks.sending import TIMEOUT_S, CheckedConnection

_OK = 200


async def fetch(target: Target, most_bytes: int, authority: ssl.SSLContext | None = None) -> bytes:
    """The bytes of an answer.

    Args:
        target: where.
        most_bytes: of an answer.
        authority: whom certificates are checked by; None: the machine's authorities.

    Raises:
        ServiceUnavailable: there is none of this size within 5 s; the metadata's `cause` names what failed.
    """
    return await asyncio.to_thread(_fetched, target, most_bytes, authority)


def _fetched(target: Target, most_bytes: int, authority: ssl.SSLContext | None) -> bytes:
    context = (authority or ssl.create_default_context()) if target.scheme == "https" else None
    connection = CheckedConnection(target, context)
    timer = Timer(TIMEOUT_S, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        connection.request("GET", target.path)
        with connection.getresponse() as answer:
            if answer.status != _OK:
                raise ServiceUnavailable("It cannot be fetched.", cause=f"STATUS_{answer.status}")
            data = answer.read(most_bytes + 1)
    except (OSError, HTTPException) as error:
        raise ServiceUnavailable("It cannot be fetched.", cause=type(error).__name__) from error
    finally:
        timer.cancel()
        connection.close()
    if connection.is_cut or len(data) > most_bytes:
        raise ServiceUnavailable("It cannot be fetched.", cause="TIMEOUT" if connection.is_cut else "TOO_LARGE")
    return data
