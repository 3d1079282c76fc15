"""A queue of coroutines that wait for a free place: callers in turn, and of each the earliest deadline first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from infra.deadlines import Deadline
from infra.fairness.fair_queue import FairQueue
from infra.fairness.flows import current_flow

LEAST_COST = 1e-4
"""Least charge for a place: also calls of unknown cost take turns."""


class DeadlineQueue:
    """Lets waiting coroutines in while there is room. For one event loop.

    Args:
        has_room: whether one more may enter.
        take: takes a place for the one that enters.
        give_back: frees that place, and lets the next one in.
    """

    def __init__(self, has_room: Callable[[], bool], take: Callable[[], None], give_back: Callable[[], None]) -> None:
        self._has_room, self._take, self._give_back = has_room, take, give_back
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue()

    @property
    def has_waiting(self) -> bool:
        """Whether any coroutine waits."""
        return bool(self._waiting)

    @property
    def waiting_count(self) -> int:
        """How many coroutines wait."""
        return len(self._waiting)

    async def enter(self, deadline: Deadline, cost: float = 1.0) -> None:
        """Wait for a place and take it. A coroutine cancelled while it waits holds none.

        Args:
            deadline: of the call.
            cost: what its flow is charged for the place, in any unit that all who wait here use.
        """
        flow, cost = current_flow.get(), max(cost, LEAST_COST)
        if not self._waiting and self._has_room():
            self._waiting.skip(flow, cost)
            self._take()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.put(flow, (deadline.at,), turn, cost)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._give_back()
            else:
                self._waiting.drop(flow, turn)
            raise

    def let_in(self) -> None:
        """Let waiting coroutines in while there is room."""
        while self._waiting and self._has_room():
            turn = self._waiting.take()
            if not turn.done():
                self._take()
                turn.set_result(None)
