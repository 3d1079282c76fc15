"""What a call has to pass before its work begins: time for it, its turn, and room for its message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from biometrics.errors import BiofusionError, DeadlineExpired, Overloaded
from infra.admission.admission import Admission, Ticket
from infra.admission.concurrency_limit import ConcurrencyLimit
from infra.admission.message_memory import MessageMemory
from infra.deadlines import Deadline

CALLS_PER_CORE = 4
"""Worked on at once however late the event loop is: one computes, others are read, parsed or written meanwhile."""


class Intake:
    """Everything that calls have to pass. Of one event loop.

    Args:
        cores: that work is done on.
        most_calls: in hand at once.
        most_bytes: of messages in hand at once.
        has_backlog: whether work waits for a thread.
    """

    def __init__(self, cores: int, most_calls: int, most_bytes: int, has_backlog: Callable[[], bool]) -> None:
        self.concurrency_limit = ConcurrencyLimit(CALLS_PER_CORE * cores, most_calls)
        self.admission = Admission(cores, most_calls, lambda: self.concurrency_limit.has_waiting or has_backlog())
        self.room = MessageMemory(most_bytes)

    def heard(self, is_late: bool) -> None:  # noqa: FBT001 - the pulse's only word
        """Take note of whether the event loop keeps up."""
        self.concurrency_limit.adjust(is_late=is_late)

    def delay_s(self, method: str, deadline: Deadline) -> float:
        """0 where a call would be taken; else when to try again, in seconds."""
        return self.admission.delay_s(method, deadline)

    def take(self, method: str, deadline: Deadline) -> Passage:
        """Take a call, of which only the method is known; it is to be answered.

        Raises:
            Overloaded: it cannot be done in its time.
        """
        return Passage(self, self.admission.enter(method, deadline), deadline)


@dataclass(frozen=True, slots=True)
class Passage:
    """A call's way through the intake.

    Args:
        intake: that took it.
        ticket: of its admission.
        deadline: of the call.
    """

    intake: Intake
    ticket: Ticket
    deadline: Deadline

    async def answer(
        self,
        read: Callable[[], Awaitable[bytes]],
        parse: Callable[[bytes], Any],
        behave: Callable[[Any], Awaitable[Any]],
    ) -> Any:
        """Read, parse and answer the message.

        Args:
            read: reads it.
            parse: makes a request of it; the bytes are let go then.
            behave: answers the request.

        Raises:
            Overloaded: now that the message is known, it cannot be done in its time.
        """
        is_whole = False
        try:
            await self.intake.concurrency_limit.enter(self.deadline)
            try:
                self.intake.admission.begin(self.ticket)
                response = await self._inside(read, parse, behave)
            finally:
                self.intake.concurrency_limit.leave()
            is_whole = True
        except BiofusionError as error:
            is_whole = not isinstance(error, (DeadlineExpired, Overloaded))
            raise
        else:
            return response
        finally:
            self.intake.admission.leave(self.ticket, is_whole=is_whole)

    async def _inside(
        self,
        read: Callable[[], Awaitable[bytes]],
        parse: Callable[[bytes], Any],
        behave: Callable[[Any], Awaitable[Any]],
    ) -> Any:
        raw = await self.intake.room.take(read, self.deadline)
        size = len(raw)
        try:
            self.intake.admission.measure(self.ticket, size)
            answer = behave(parse(raw))
            del raw
            return await answer
        finally:
            self.intake.room.give_back(size)
