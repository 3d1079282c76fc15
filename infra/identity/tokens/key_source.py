"""Reads an issuer's public keys (JWKS) from a file or by HTTPS: within limits, and without redirections."""

from __future__ import annotations

import asyncio
import time
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, build_opener

from biometrics.errors import Unavailable
from infra.identity.reading import NoRedirect, cause_of, limited

TIMEOUT_S = 5.0
"""Seconds that reading may take."""

LARGEST = 256 * 1024
"""Most bytes of a key set."""


async def read_keys(source: str) -> bytes:
    """The bytes of a key set.

    Args:
        source: `https://…`, or a file.

    Raises:
        Unavailable: they cannot be had, the reason is TOKEN_KEYS_UNAVAILABLE.
    """
    read = _fetched if source.startswith("https://") else _from_file
    try:
        async with asyncio.timeout(TIMEOUT_S + 1):
            return await asyncio.to_thread(read, source)
    except (OSError, HTTPException, ValueError, TimeoutError) as error:
        raise keys_unavailable(cause_of(error)) from error


def keys_unavailable(cause: str) -> Unavailable:
    """The error of a server that has no keys to check tokens by."""
    message = "Tokens cannot be checked, as the issuer's keys cannot be had. Try again later."
    return Unavailable(message, reason="TOKEN_KEYS_UNAVAILABLE", cause=cause)


def _fetched(url: str) -> bytes:
    end = time.monotonic() + TIMEOUT_S
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - https only, by read_keys
    with build_opener(NoRedirect).open(request, timeout=TIMEOUT_S) as response:
        return limited(response, LARGEST, end)


def _from_file(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return limited(file, LARGEST, time.monotonic() + TIMEOUT_S)
