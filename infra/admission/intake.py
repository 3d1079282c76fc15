"""The stages that a call passes before its work begins: admission, concurrency limit, memory for its message."""

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
"""Lower bound of concurrent calls per core: while one computes, others are read, parsed or written."""


class Intake:
    """All stages of admission. For one event loop.

    Args:
        cores: number that work is done on.
        most_calls: maximum of admitted calls.
        most_bytes: maximum of the bytes of all messages in memory.
        has_backlog: whether work waits for a thread.
    """

    def __init__(self, cores: int, most_calls: int, most_bytes: int, has_backlog: Callable[[], bool]) -> None:
        self.concurrency_limit = ConcurrencyLimit(CALLS_PER_CORE * cores, most_calls)
        self.admission = Admission(cores, most_calls, lambda: self.concurrency_limit.has_waiting or has_backlog())
        self.room = MessageMemory(most_bytes)

    def heard(self, is_late: bool) -> None:  # noqa: FBT001 - the only argument that EventLoopLag passes
        """Adjust the concurrency limit to whether the event loop is late."""
        self.concurrency_limit.adjust(is_late=is_late)

    def delay_s(self, method: str, deadline: Deadline, flow: str | None) -> float:
        """0 if a call would be admitted; else the retry delay in seconds. See `Admission.delay_s`."""
        return self.admission.delay_s(method, deadline, flow)

    def take(self, method: str, deadline: Deadline, flow: str) -> Passage:
        """Admit a call of which only method and flow are known; `Passage.answer` must follow.

        Raises:
            Overloaded: it cannot finish before its deadline.
        """
        return Passage(self, self.admission.enter(method, deadline, flow), deadline)


@dataclass(frozen=True, slots=True)
class Passage:
    """An admitted call on its way through the stages.

    Args:
        intake: that admitted it.
        ticket: from its admission.
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
            read: reads its bytes.
            parse: makes a request of them; the bytes are released then.
            behave: answers the request.

        Raises:
            Overloaded: by its message's length, the call cannot finish before its deadline.
        """
        is_whole = False
        try:
            await self.intake.concurrency_limit.enter(self.deadline, self.ticket.kind.cost)
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
