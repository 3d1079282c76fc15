"""A queue of coroutines that wait for a free place, earliest deadline first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from itertools import count

from infra.deadlines import Deadline


class DeadlineQueue:
    """Lets waiting coroutines in while there is room. For one event loop.

    Args:
        has_room: whether one more may enter.
        take: takes a place for the one that enters.
        give_back: frees that place, and lets the next one in.
    """

    def __init__(self, has_room: Callable[[], bool], take: Callable[[], None], give_back: Callable[[], None]) -> None:
        self._has_room, self._take, self._give_back = has_room, take, give_back
        self._order = count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    @property
    def has_waiting(self) -> bool:
        """Whether any coroutine waits."""
        return bool(self._waiting)

    async def enter(self, deadline: Deadline) -> None:
        """Wait for a place and take it. A coroutine cancelled while it waits holds none."""
        if not self._waiting and self._has_room():
            self._take()
            return
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (deadline.at, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._give_back()
            raise

    def let_in(self) -> None:
        """Let waiting coroutines in while there is room."""
        while self._waiting and self._has_room():
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._take()
                turn.set_result(None)
