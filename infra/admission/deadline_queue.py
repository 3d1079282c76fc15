"""Those who wait to be let in, the earliest deadline first."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from itertools import count

from infra.deadlines import Deadline


class DeadlineQueue:
    """Lets in whom there is room for. Of one event loop.

    Args:
        has_room: whether one more may be let in.
        take: takes up that one's room.
        give_back: gives it back, and lets in the next.
    """

    def __init__(self, has_room: Callable[[], bool], take: Callable[[], None], give_back: Callable[[], None]) -> None:
        self._has_room, self._take, self._give_back = has_room, take, give_back
        self._order = count()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []

    @property
    def has_waiting(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    async def enter(self, deadline: Deadline) -> None:
        """Wait for one's turn. Who is cancelled takes up no room."""
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
        """Let in as many as there is room for."""
        while self._waiting and self._has_room():
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():
                self._take()
                turn.set_result(None)
