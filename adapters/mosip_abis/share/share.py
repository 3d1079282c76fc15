"""Fetches the samples of a request from MOSIP's data share, whose errors come with HTTP status 200."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from adapters.mosip_abis.failures import Failure, Later, Refused
from adapters.mosip_abis.share.envelopes import EnvelopeInvalid, Envelopes
from adapters.mosip_abis.share.tokens import COOKIE, Tokens
from biometrics.errors import FieldInvalid, ServiceUnavailable
from infra.callbacks.fetching import Asking, answer_of
from infra.callbacks.origins import Origins, Target

WITHIN_S = 30.0
"""Seconds that a download may take."""
EXPIRED = "DAT-SER-006"
_CODE = re.compile(r"[A-Z]{3}-[A-Z]{3}-\d{3}|STATUS_\d{3}|NOT_UNDERSTOOD", re.ASCII)
_BUSY = frozenset({"STATUS_408", "STATUS_425", "STATUS_429"})
_NO_TOKEN = frozenset({"KER-ATH-401", "KER-ATH-403", "STATUS_401", "STATUS_403"})


class Share:
    """Fetches.

    Args:
        origins: that addresses may have.
        tokens: that are shown; None: none are.
        envelopes: opens what comes; None: it comes as it is.
        most_bytes: of one download.
    """

    def __init__(self, origins: Origins, tokens: Tokens | None, envelopes: Envelopes | None, most_bytes: int) -> None:
        self._origins, self._tokens, self._envelopes, self._most_bytes = origins, tokens, envelopes, most_bytes

    async def fetch(self, url: str) -> bytes:
        """The CBEFF document at an address.

        Raises:
            Refused: there is none, or the address is not allowed; Later: the share does not answer.
            ConfigurationInvalid: the file of the secret cannot be read.
        """
        try:
            target = self._origins.target(url)
        except FieldInvalid:
            raise Refused(Failure.NOT_FETCHED, "ORIGIN_NOT_ALLOWED") from None
        try:
            data = await self._shown(target)
        except ServiceUnavailable as error:
            cause = error.metadata.get("cause", error.reason)
            raise (Refused if _is_lasting(cause) else Later)(Failure.NOT_FETCHED, cause) from None
        return await self._opened(data)

    async def _shown(self, target: Target) -> bytes:
        """What is there, asked for with a token, and once more with a new one if that was not taken."""
        token = await self._tokens.current() if self._tokens else ""
        data, code = await self._answer(target, token)
        if code in _NO_TOKEN and self._tokens:
            data, code = await self._answer(target, await self._tokens.renewed(token))
        if code:
            failure = Failure.SHARE_EXPIRED if code == EXPIRED else Failure.NOT_FETCHED
            raise Refused(failure, code if _CODE.fullmatch(code) else "ERROR_OF_SHARE")
        return data

    async def _answer(self, target: Target, token: str) -> tuple[bytes, str]:
        """What came, and the code of the error that it is; "" for none."""
        headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
        try:
            answer = await answer_of(target, Asking(self._most_bytes, headers, within_s=WITHIN_S))
        except ServiceUnavailable as error:
            if (cause := error.metadata.get("cause", "")) in _NO_TOKEN:
                return b"", cause
            raise
        return answer.body, _error_of(answer.body)

    async def _opened(self, data: bytes) -> bytes:
        if self._envelopes is None or not data.strip():
            return data
        try:
            return await asyncio.to_thread(self._envelopes.opened, data)
        except EnvelopeInvalid:
            raise Refused(Failure.NO_DATA, "NOT_DECRYPTED", passes=True) from None


def _error_of(body: bytes) -> str:
    """The code of the first error of a body that is JSON; "" for any other body: neither base64 nor XML begins so."""
    if not body.lstrip().startswith(b"{"):
        return ""
    try:
        errors: Any = json.loads(body)["errors"]
        return str(errors[0]["errorCode"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return "NOT_UNDERSTOOD"


def _is_lasting(cause: str) -> bool:
    """Whether another attempt would fail as this one did."""
    if cause in _BUSY:
        return False
    return cause in {"TOO_LARGE", "PRIVATE_ADDRESS"} or cause.startswith(("STATUS_3", "STATUS_4"))
