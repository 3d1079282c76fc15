"""Tokens of MOSIP's authentication manager, which the data share asks for."""

from __future__ import annotations

import asyncio
import json
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

from adapters.mosip_abis.answers import now
from adapters.mosip_abis.failures import Failure, Refused
from biometrics.errors import ConfigurationInvalid
from infra.callbacks.fetching import Answer, Asking, answer_of
from infra.callbacks.origins import Target

COOKIE = "Authorization"
_MOST_BYTES = 64 * 1024
_MOST_CHARACTERS = 16 * 1024


class Tokens:
    """Gets one when it is needed, and keeps it.

    Args:
        target: where they are given.
        client_id: who asks.
        secret_file: file of its secret, read each time so that it can be replaced.
        app_id: application that the client is of.
    """

    def __init__(self, target: Target, client_id: str, secret_file: str, app_id: str) -> None:
        self._target, self._client_id, self._secret_file, self._app_id = target, client_id, secret_file, app_id
        self._token = ""
        self._asking = asyncio.Lock()

    async def current(self) -> str:
        """The token.

        Raises:
            ServiceUnavailable: the manager does not answer.
            Refused: it gives none.
            ConfigurationInvalid: the file of the secret cannot be read.
        """
        return self._token or await self.renewed("")

    async def renewed(self, stale: str) -> str:
        """Another token than the one that was not taken. Raises as `current`."""
        async with self._asking:
            if self._token == stale:
                self._token = ""
                self._token = await self._given()
            return self._token

    async def _given(self) -> str:
        request = {"appId": self._app_id, "clientId": self._client_id, "secretKey": self._secret()}
        body = {"id": "mosip.abis", "version": "1.0", "requesttime": now(), "metadata": {}, "request": request}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = await answer_of(self._target, Asking(_MOST_BYTES, headers, json.dumps(body).encode()))
        token = _token_of(answer)
        if not (token and token.isascii() and token.isprintable() and len(token) <= _MOST_CHARACTERS):
            raise Refused(Failure.NOT_FETCHED, "NO_TOKEN_GIVEN")
        return token

    def _secret(self) -> str:
        try:
            return Path(self._secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationInvalid("The file of BIOFUSION_MOSIP_ABIS_SECRET_FILE cannot be read.") from error


def _token_of(answer: Answer) -> str:
    """The token in the cookie, in the header of the same name, or in the body; "" without one."""
    for name, value in answer.headers:
        if name == "set-cookie" and (token := _cookie(value)):
            return token
    for name, value in answer.headers:
        if name == "authorization":
            return value.removeprefix("Bearer ").strip()
    try:
        response: Any = json.loads(answer.body)["response"]
        return str(response["token"])
    except (ValueError, LookupError, TypeError):
        return ""


def _cookie(header: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    return next((each.value for name, each in cookies.items() if name.lower() == COOKIE.lower()), "")
