"""Who waits for whom."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.mosip_abis.answers import done
from adapters.mosip_abis.failures import Failure, Later
from adapters.mosip_abis.requests import DELETE, IDENTIFY, Request
from tests.support.mosip_abis.answering import AT_ONCE, Doing, answering, message, told

HOUR_S = 3600.0


async def test_ping_and_pending_jobs() -> None:
    """They are answered while a request is worked on, which counts."""
    working, may_end = asyncio.Event(), asyncio.Event()

    async def insert(request: Request) -> dict[str, Any]:
        working.set()
        await may_end.wait()
        return done(request.id, request.request_id)

    one = answering(insert)
    inserting = asyncio.create_task(one.answer(message()))
    await working.wait()
    assert "1" == (await told(one, message("mosip.abis.ping")))["returnValue"]
    assert "1" == (await told(one, message("mosip.abis.pendingJobs")))["jobscount"]
    may_end.set()
    await inserting
    assert "0" == (await told(one, message("mosip.abis.pendingJobs")))["jobscount"]


class Waiting:
    """Inserts, each of which waits for the share until it is cancelled.

    Args:
        is_down: whether the share refuses what is asked; else it does not answer.
    """

    def __init__(self, *, is_down: bool) -> None:
        self.asked: set[str] = set()
        self.all_ask = asyncio.Event()
        self._is_down = is_down

    async def __call__(self, request: Request) -> dict[str, Any]:
        """Ask the share."""
        self.asked.add(request.request_id)
        if len(self.asked) == (2 * AT_ONCE if self._is_down else AT_ONCE):
            self.all_ask.set()
        if self._is_down:
            raise Later(Failure.NOT_FETCHED, "UNREACHABLE")
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize("is_down", [True, False])
async def test_what_needs_no_share(*, is_down: bool) -> None:
    """Nothing else waits for inserts that wait for the share; those that will ask it again leave places to others."""
    waiting, deleting = Waiting(is_down=is_down), Doing()
    one = answering(waiting, Doing(), deleting, attempts=2, first_wait_s=HOUR_S)
    names = [f"r-{number}" for number in range(2 * AT_ONCE)]
    inserts = [asyncio.create_task(one.answer(message(requestId=each, referenceId=f"p-{each}"))) for each in names]
    await asyncio.wait_for(waiting.all_ask.wait(), 60)
    for operation in ("mosip.abis.ping", "mosip.abis.pendingJobs"):
        assert "1" == (await told(one, message(operation)))["returnValue"]
    assert "1" == (await told(one, message(DELETE, referenceId="p-1")))["returnValue"]
    assert 1 == len(deleting.done)
    for each in inserts:
        each.cancel()
    await asyncio.gather(*inserts, return_exceptions=True)


async def test_changes_of_one_person() -> None:
    """They come one after the other, in the order of their messages; those of others do not wait."""
    events, may_end = list[str](), asyncio.Event()

    async def insert(request: Request) -> dict[str, Any]:
        await may_end.wait()
        events.append(request.request_id)
        return done(request.id, request.request_id)

    async def delete(request: Request) -> dict[str, Any]:
        events.append(request.request_id)
        return done(request.id, request.request_id)

    one = answering(insert, Doing(), delete)
    first = asyncio.create_task(one.answer(message(requestId="insert", referenceId="p-1")))
    second = asyncio.create_task(one.answer(message(DELETE, requestId="delete", referenceId="P-1")))
    await one.answer(message(DELETE, requestId="other", referenceId="p-2"))
    may_end.set()
    await asyncio.gather(first, second)
    assert ["other", "insert", "delete"] == events


async def test_a_search_waits_for_earlier_changes() -> None:
    """It begins when inserts that came before it have ended, and does not wait for those after it."""
    events, may_end = list[str](), {"first": asyncio.Event(), "later": asyncio.Event()}

    async def insert(request: Request) -> dict[str, Any]:
        await may_end[request.request_id].wait()
        events.append(request.request_id)
        return done(request.id, request.request_id)

    async def identify(request: Request) -> dict[str, Any]:
        events.append(request.request_id)
        return done(request.id, request.request_id)

    one = answering(insert, identify)
    first = asyncio.create_task(one.answer(message(requestId="first")))
    search = asyncio.create_task(one.answer(message(IDENTIFY, requestId="search", referenceId="p-1")))
    later = asyncio.create_task(one.answer(message(requestId="later")))
    await asyncio.sleep(0)
    assert [] == events
    may_end["first"].set()
    await asyncio.gather(first, search)
    assert ["first", "search"] == events
    may_end["later"].set()
    await later
