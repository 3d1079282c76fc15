from __future__ import annotations

from typing import Any

import pytest

from biometrics.errors import AccessDenied, CallerUnknown, Unavailable
from infra.identity.caller import Caller, Proof
from infra.identity.visit import Visit, current_visit
from infra.serving.door import Door

VISIT = Visit(Caller("spiffe://example.org/desk", Proof.CERTIFICATE))
METHOD = "/package.Service/Method"


class OneCaller:
    """A gate that knows one caller, and refuses the request "refused"."""

    def __init__(self, *, is_known: bool = True) -> None:
        self._is_known = is_known

    async def visit(self, _method: str, _context: object) -> Visit:
        """See Gate."""
        if not self._is_known:
            raise CallerUnknown("Show a certificate.")
        return VISIT

    async def admit(self, _visit: Visit, _method: str, request: Any) -> None:
        """See Gate."""
        if request == "refused":
            raise AccessDenied("The policy does not allow it.")


class Records:
    """A witness that keeps what it is told in a list, unless its disk is full."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.kept: list[tuple[Any, ...]] = []
        self._is_full = is_full

    async def answered(self, visit: Visit, method: str, request: Any, response: Any) -> None:
        """See Witness."""
        if self._is_full:
            raise Unavailable("The record cannot be written.")
        self.kept.append((visit, method, request, response))

    async def failed(self, visit: Visit, method: str, request: Any, error: BaseException) -> None:
        """See Witness."""
        self.kept.append((visit, method, request, type(error)))


async def _twice(request: str) -> str:
    return 2 * request


async def test_a_call_is_answered_recorded_and_known_to_its_task() -> None:
    """An admitted call's visit is the current one, and its answer is recorded before it leaves."""
    records = Records()
    door = Door(OneCaller(), records)
    visit = await door.enter(METHOD, None)  # type: ignore[arg-type]  # this gate does not look at it
    assert current_visit.get() == VISIT
    assert await door.answer(METHOD, visit, _twice, "ab") == "abab"
    assert records.kept == [(VISIT, METHOD, "ab", "abab")]


async def test_refusals_are_recorded() -> None:
    """Callers who are unknown and requests that are not allowed are refused, and the records say so."""
    records = Records()
    with pytest.raises(CallerUnknown):
        await Door(OneCaller(is_known=False), records).enter(METHOD, None)  # type: ignore[arg-type]
    with pytest.raises(AccessDenied):
        await Door(OneCaller(), records).answer(METHOD, VISIT, _twice, "refused")
    assert records.kept == [(Visit(), METHOD, None, CallerUnknown), (VISIT, METHOD, "refused", AccessDenied)]


class Short:
    """An exit that lets only the first letter leave, and counts failures."""

    failures = 0

    async def leave(self, response: Any) -> Any:
        """See Exit."""
        return response[:1]

    def failed(self) -> None:
        """See Exit."""
        self.failures += 1


async def test_records_are_whole_where_answers_leave_in_part() -> None:
    """The exit shortens an answer after it is recorded, and hears of calls that fail."""
    records, leaving = Records(), Short()
    door = Door(OneCaller(), records, leaving)
    assert await door.answer(METHOD, VISIT, _twice, "ab") == "a"
    with pytest.raises(AccessDenied):
        await door.answer(METHOD, VISIT, _twice, "refused")
    assert [(VISIT, METHOD, "ab", "abab"), (VISIT, METHOD, "refused", AccessDenied)] == records.kept
    assert leaving.failures == 1


async def test_an_answer_that_cannot_be_recorded_does_not_leave() -> None:
    """A call fails if its record cannot be written."""
    with pytest.raises(Unavailable):
        await Door(OneCaller(), Records(is_full=True)).answer(METHOD, VISIT, _twice, "ab")


async def test_an_answer_is_ready_before_its_record_is() -> None:
    """Whoever answers awaits the record by itself; if it cannot be written, awaiting it fails."""
    records = Records()
    door = Door(OneCaller(), records)
    response, record = await door.answer_and_record(METHOD, VISIT, _twice, "go")
    assert ("gogo", []) == (response, records.kept)
    await record
    assert [(VISIT, METHOD, "go", "gogo")] == records.kept
    _, record = await Door(OneCaller(), Records(is_full=True)).answer_and_record(METHOD, VISIT, _twice, "go")
    with pytest.raises(Unavailable):
        await record


async def test_a_message_that_cannot_be_parsed_is_recorded() -> None:
    """Without a request."""
    records = Records()
    await Door(OneCaller(), records).unread(METHOD, VISIT, Unavailable("No message."))
    assert [(VISIT, METHOD, None, Unavailable)] == records.kept
