"""Answers to messages, with what does their requests played."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.keeping.sealing import Seal
from adapters.mosip_abis.answers import done
from adapters.mosip_abis.queue.answering import Answering
from adapters.mosip_abis.queue.outcomes import Outcomes
from adapters.mosip_abis.requests import DELETE, IDENTIFY, INSERT, Request

AT_ONCE = 4
Perform = Callable[[Request], Awaitable[dict[str, Any]]]


def message(operation: str = INSERT, **fields: Any) -> bytes:
    """A request."""
    head = {"id": operation, "version": "1.1", "requestId": "r-1", "requesttime": "2020-03-29T07:01:24.692Z"}
    own = {"referenceId": "p-1", "referenceURL": "https://share.example.org/1"} if operation == INSERT else {}
    return json.dumps({**head, **own, **fields}).encode()


class Doing:
    """Does requests; fails first with what it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.done: list[Request] = []
        self._failures = list(failures)

    async def __call__(self, request: Request) -> dict[str, Any]:
        """Do one."""
        self.done.append(request)
        if self._failures:
            raise self._failures.pop(0)
        return done(request.id, request.request_id)


def answering(
    *performers: Perform, attempts: int = 1, outcomes: Outcomes | None = None, first_wait_s: float = 0.0
) -> Answering:
    """Answers, with what does inserts, searches and deletions."""
    kept = outcomes or Outcomes("", Seal(b"k" * 32, "A_KEY"))
    named = dict(zip((INSERT, IDENTIFY, DELETE), performers, strict=False))
    return Answering(named, kept, AT_ONCE, attempts, first_wait_s)


async def told(one: Answering, asked: bytes) -> dict[str, Any]:
    """The answer."""
    answer: dict[str, Any] = json.loads(await one.answer(asked))
    return answer
