"""Asks one address that was checked, by HTTP, within seconds, and reads the answer. Redirections are not followed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Timer

from biometrics.errors import ServiceUnavailable
from infra.callbacks.origins import Target
from infra.callbacks.sending import TIMEOUT_S, CheckedConnection

_OK = 200


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, beside where.

    Args:
        headers: of the request.
        body: b"" asks by GET, else by POST.
        most_bytes: of an answer.
        within_s: seconds for all of it.
        authority: whom certificates are checked by; None: the machine's authorities.
    """

    most_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    within_s: float = TIMEOUT_S
    authority: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with status 200.

    Args:
        headers: names in lower case, and values, in order.
        body: all of it.
    """

    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)


async def fetch(target: Target, most_bytes: int, authority: ssl.SSLContext | None = None) -> bytes:
    """The bytes of an answer.

    Args:
        target: where.
        most_bytes: of an answer.
        authority: whom certificates are checked by; None: the machine's authorities.

    Raises:
        ServiceUnavailable: there is none of this size within 5 s; the metadata's `cause` names what failed.
    """
    return (await answer_of(target, Asking(most_bytes, authority=authority))).body


async def answer_of(target: Target, asking: Asking) -> Answer:
    """The answer.

    Raises:
        ServiceUnavailable: there is none of this size in time, or with another status than 200; the metadata's `cause`
            names what failed.
    """
    return await asyncio.to_thread(_answered, target, asking)


def _answered(target: Target, asking: Asking) -> Answer:
    context = (asking.authority or ssl.create_default_context()) if target.scheme == "https" else None
    connection = CheckedConnection(target, context)
    timer = Timer(asking.within_s, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST" if asking.body else "GET", target.path, asking.body or None, dict(asking.headers))
        with connection.getresponse() as answer:
            if answer.status != _OK:
                raise ServiceUnavailable("It cannot be fetched.", cause=f"STATUS_{answer.status}")
            headers = tuple((name.lower(), value) for name, value in answer.getheaders())
            data = answer.read(asking.most_bytes + 1)
    except (OSError, HTTPException) as error:
        raise ServiceUnavailable("It cannot be fetched.", cause=type(error).__name__) from error
    finally:
        timer.cancel()
        connection.close()
    if connection.is_cut or len(data) > asking.most_bytes:
        raise ServiceUnavailable("It cannot be fetched.", cause="TIMEOUT" if connection.is_cut else "TOO_LARGE")
    return Answer(headers, data)
