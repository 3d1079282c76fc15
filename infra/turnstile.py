"""How many calls are worked on at once, so that the event loop keeps up with what else comes.

A turn of the event loop takes a step of every call that is worked on. With hundreds of those, new calls, refusals and
health checks would wait for long. So admitted calls wait here, the most urgent first, and fewer are let in while the
loop is late. Calls that wait for threads or for other services do not make it late.
"""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

from infra.deadlines import Deadline

FEWER, MORE = 0.7, 1.1
"""By what the width is multiplied when the loop is late, and when it is not."""


class Turnstile:
    """Lets calls in. Of one event loop.

    Args:
        least: calls that are let in however late the loop is: as many as keep all cores busy.
        most: calls that are let in at any time.
    """

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._width = float(least)
        self._inside = 0
        self._order = count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    @property
    def has_waiting(self) -> bool:
        """Whether calls wait to be let in."""
        return bool(self._waiting)

    async def enter(self, deadline: Deadline) -> None:
        """Wait for one's turn; the earliest deadline is first."""
        if not self._waiting and self._inside < self._width:
            self._inside += 1
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (deadline.at, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Let the next in."""
        self._inside -= 1
        self._let_in()

    def adjust(self, *, is_late: bool) -> None:
        """Let fewer in, or more.

        Args:
            is_late: whether the event loop does not keep up.
        """
        width = min(self._width, self._inside) * FEWER if is_late else self._width * MORE
        self._width = min(max(width, self._least), self._most)
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._inside < self._width:
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._inside += 1
                turn.set_result(None)
