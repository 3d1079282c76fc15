"""Bounds the memory of messages: one is read only if there is room for it, in the order of `DeadlineQueue`.

The length of a message is known only when it has arrived. So while it is read it counts as `1 / READS_AT_ONCE` of the
total, and afterwards as its length. A call that waits has not been read: HTTP/2 flow control keeps its bytes at the
sender. A slow sender does not block others: after `SLOW_S` its place is freed and it joins at most `READS_AT_ONCE` slow
reads; when there are more, the oldest is aborted.
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
        slow_at: time from which it counts as slow, by the event loop's clock.
        limit: timeout that aborts the read.
        has_place: whether its share of the memory is still reserved.
    """

    slow_at: float
    limit: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    has_place: bool = True


class MessageMemory:
    """Memory for the messages of admitted calls. For one event loop.

    Args:
        most_bytes: maximum in use; a longer message is read when no other is in memory.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most, self._place = most_bytes, most_bytes // READS_AT_ONCE
        self.taken_bytes = 0
        self._queue = DeadlineQueue(self._has_room, self._take_place, lambda: self.give_back(self._place))
        self._quick: dict[_Reading, None] = {}
        self._slow: list[_Reading] = []
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, read: Callable[[], Awaitable[bytes]], deadline: Deadline) -> bytes:
        """Read a message when there is room for it; call `give_back` with its length when it is no longer needed.

        Args:
            read: reads its bytes.
            deadline: of a caller's messages the earliest is read first.

        Raises:
            Overloaded: it arrives slowly, and so do `READS_AT_ONCE` later ones.
        """
        await self._queue.enter(deadline)
        reading = self._begun()
        try:
            async with reading.limit:
                raw = await read()
        except TimeoutError:
            raise Overloaded("The message arrives too slowly, as do many others. Try again later.") from None
        finally:
            if reading.has_place:
                del self._quick[reading]
                self.give_back(self._place)
            elif reading in self._slow:
                self._slow.remove(reading)
        self.taken_bytes += len(raw)
        return raw

    def give_back(self, size: int) -> None:
        """Release `size` bytes and let waiting reads begin."""
        self.taken_bytes -= size
        self._queue.let_in()

    def _has_room(self) -> bool:
        return not self.taken_bytes or self.taken_bytes + self._place <= self._most

    def _take_place(self) -> None:
        self.taken_bytes += self._place

    def _begun(self) -> _Reading:
        """Register a read. One timer serves all, set for the oldest: a timer each would cost as much as the read."""
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
