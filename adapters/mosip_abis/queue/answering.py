"""From a message to its answer."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from adapters.mosip_abis import answers
from adapters.mosip_abis.failures import Failure, Later, Refused
from adapters.mosip_abis.queue.outcomes import Outcomes
from adapters.mosip_abis.queue.turns import Turns
from adapters.mosip_abis.requests import COUNT, DELETE, IDENTIFY, INSERT, PENDING, PING, Request, read
from biometrics.errors import BiofusionError

log = logging.getLogger("biofusion.mosip_abis")

MOST_BYTES = 2**20
"""Of a message: none holds samples."""
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Waits between attempts: 1 s, 2 s, 4 s … up to a minute."""
OPERATIONS = (INSERT, IDENTIFY, DELETE, PING, PENDING, COUNT)

Perform = Callable[[Request], Awaitable[dict[str, Any]]]


class Answering:
    """Answers requests; each insert, identification and deletion once, whatever ends the process meanwhile.

    Args:
        performers: what does insert, identify, delete and referenceCount, by their ids; raises Refused.
        outcomes: keeps answers.
        at_once: most requests that are worked on at once: of those that need the data share, and of the others.
        attempts: at a request while fusion or the data share does not answer.
        first_wait_s: seconds before the second attempt.
    """

    def __init__(
        self,
        performers: Mapping[str, Perform],
        outcomes: Outcomes,
        at_once: int,
        attempts: int,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self._performers, self._outcomes = performers, outcomes
        self._attempts, self._first_wait_s = attempts, first_wait_s
        self._turns = Turns(at_once)

    async def answer(self, message: bytes) -> bytes:
        """The answer of a message, in ASCII; its outcome is on the disk.

        Raises:
            sqlite3.Error, ConfigurationInvalid: the outcome cannot be kept, or one cannot be read.
        """
        fields = _fields(message)
        name = fields.get("id") if fields.get("id") in OPERATIONS else "a message"
        try:
            told = await self._answered(read(fields) if fields else _refuse())
        except Refused as error:
            log.info("%s: %s", name, error)
            told = answers.failed(fields.get("id"), fields.get("requestId"), error.failure)
        return json.dumps(told, separators=(",", ":")).encode()

    async def _answered(self, request: Request) -> dict[str, Any]:
        if request.id == PING:
            return answers.done(request.id, request.request_id)
        if request.id == PENDING:
            return answers.done(request.id, request.request_id, jobscount=str(self._turns.count))
        if request.id == COUNT:
            return await self._performed(request, nullcontext())
        async with self._turns.turn(request.name, "" if request.id == IDENTIFY else request.reference):
            return await self._once(request)

    async def _once(self, request: Request) -> dict[str, Any]:
        """The answer that was kept, or else a new one."""
        if found := self._outcomes.find(request.name):
            content, told = found
            if content != request.content:
                raise Refused(Failure.NOT_UNDERSTOOD, "REQUEST_ID_REUSED")
            log.info("%s: again", request.id)
            return told
        try:
            told = await self._performed(request, self._turns.place(needs_share=bool(request.url)))
        except Refused as error:
            if error.passes:
                raise
            log.info("%s: %s", request.id, error)
            told = answers.failed(request.id, request.request_id, error.failure)
        self._outcomes.keep(request.name, request.content, told)
        return told

    async def _performed(self, request: Request, place: AbstractAsyncContextManager[None]) -> dict[str, Any]:
        """What comes of a request, tried several times while something does not answer; its place is free meanwhile."""
        for attempt in range(self._attempts):
            if attempt:
                await asyncio.sleep(min(LONGEST_WAIT_S, self._first_wait_s * 2 ** (attempt - 1)))
            try:
                async with place:
                    return await self._performers[request.id](request)
            except Later as error:
                log.warning("%s: attempt %d of %d: %s", request.id, attempt + 1, self._attempts, error)
                last = error
            except Refused:
                raise
            except BiofusionError as error:
                log.error("%s: %s: %s", request.id, error.reason, error.message)  # noqa: TRY400 - no text of another's
                raise Refused(Failure.INTERNAL, error.reason) from None
            except Exception as error:  # noqa: BLE001 - the border; the text of an error may quote samples
                log.error("%s: %s", request.id, type(error).__name__)  # noqa: TRY400
                raise Refused(Failure.UNEXPECTED, type(error).__name__) from None
        raise last


def _fields(message: bytes) -> Mapping[str, Any]:
    """The JSON object in a message; empty if there is none."""
    if len(message) > MOST_BYTES:
        return {}
    try:
        found = json.loads(message, parse_constant=_refuse)
    except (ValueError, RecursionError, Refused):
        return {}
    return found if isinstance(found, dict) else {}


def _refuse(_constant: str = "") -> Any:
    raise Refused(Failure.NOT_UNDERSTOOD, "NO_JSON_OBJECT")
