"""Bytes in hand: messages are read only while there is room for them, those of the most urgent calls first.

How long a message is shows when it has arrived. So each that is being read takes up `1 / READS_AT_ONCE` of the room,
and then what it is. A call that waits has not been read: HTTP/2 flow control leaves its bytes with the caller. A
caller that sends slowly does not keep others out: after `SLOW_S` it gives its place back and is one of at most
`READS_AT_ONCE` slow ones; of more the first is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from biometrics.errors import Overloaded
from infra.admission.deadline_queue import DeadlineQueue
from infra.deadlines import Deadline

READS_AT_ONCE = 16
SLOW_S = 2.0


@dataclass(slots=True, eq=False)
class _Reading:
    """A message that is being read.

    Args:
        slow_at: when it is a slow one, by the event loop's clock.
        limit: ends it.
        has_place: whether it takes up room.
    """

    slow_at: float
    limit: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    has_place: bool = True


class MessageMemory:
    """Room for the messages of the calls in hand. Of one event loop.

    Args:
        most_bytes: taken up at once; a longer message is let in where there is no other.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most, self._place = most_bytes, most_bytes // READS_AT_ONCE
        self.taken_bytes = 0
        self._line = DeadlineQueue(self._has_room, self._take_place, lambda: self.give_back(self._place))
        self._quick: dict[_Reading, None] = {}
        self._slow: list[_Reading] = []
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, read: Callable[[], Awaitable[bytes]], deadline: Deadline) -> bytes:
        """Read a message when there is room for it; `give_back` its length when it is done with.

        Args:
            read: reads it.
            deadline: the earliest is served first.

        Raises:
            Overloaded: it arrives slowly, and so do many others.
        """
        await self._line.enter(deadline)
        reading = self._begun()
        try:
            async with reading.limit:
                raw = await read()
        except TimeoutError:
            raise Overloaded("The message arrives slowly, as many others do. Try again later.") from None
        finally:
            if reading.has_place:
                del self._quick[reading]
                self.give_back(self._place)
            elif reading in self._slow:
                self._slow.remove(reading)
        self.taken_bytes += len(raw)
        return raw

    def give_back(self, size: int) -> None:
        """So many bytes are no longer in hand."""
        self.taken_bytes -= size
        self._line.let_in()

    def _has_room(self) -> bool:
        return not self.taken_bytes or self.taken_bytes + self._place <= self._most

    def _take_place(self) -> None:
        self.taken_bytes += self._place

    def _begun(self) -> _Reading:
        """One timer for all, by what was begun first: one for each would cost as much as reading it."""
        loop = asyncio.get_running_loop()
        reading = _Reading(loop.time() + SLOW_S)
        self._quick[reading] = None
        if self._timer is None:
            self._timer = loop.call_at(reading.slow_at, self._look)
        return reading

    def _look(self) -> None:
        self._timer, loop = None, asyncio.get_running_loop()
        while self._quick:
            first = next(iter(self._quick))
            if first.slow_at > loop.time():
                self._timer = loop.call_at(first.slow_at, self._look)
                return
            self._slow_down(first)

    def _slow_down(self, reading: _Reading) -> None:
        del self._quick[reading]
        reading.has_place = False
        self._slow.append(reading)
        if len(self._slow) > READS_AT_ONCE:
            self._slow.pop(0).limit.reschedule(0.0)
        self.give_back(self._place)
