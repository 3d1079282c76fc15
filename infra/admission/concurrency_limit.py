"""Limits how many admitted calls are worked on at once, so that the event loop stays responsive.

One iteration of the event loop runs a step of every call in progress. With hundreds of them, new calls, refusals and
health checks would wait too long. So admitted calls wait here, callers in turn and of each the earliest deadline first,
and the limit falls while the loop is late. Calls that wait for threads or for other services do not make the loop late.
"""

from __future__ import annotations

from infra.admission.deadline_queue import DeadlineQueue
from infra.deadlines import Deadline

FEWER, MORE = 0.7, 1.1
"""Factors of the limit when the event loop is late, and when it is not."""


class ConcurrencyLimit:
    """An adaptive limit of concurrent calls. For one event loop.

    Args:
        least: lower bound of the limit, however late the loop is: enough calls to keep all cores busy.
        most: upper bound of the limit.
    """

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._limit = float(least)
        self._inside = 0
        self._queue = DeadlineQueue(lambda: self._inside < self._limit, self._take, self.leave)

    @property
    def has_waiting(self) -> bool:
        """Whether calls wait for a place."""
        return self._queue.has_waiting

    @property
    def waiting_count(self) -> int:
        """How many calls wait for a place."""
        return self._queue.waiting_count

    @property
    def limit(self) -> float:
        """Most calls that are worked on at once now."""
        return self._limit

    async def enter(self, deadline: Deadline, cost: float = 1.0) -> None:
        """Wait for a place; callers are served in turn by their calls' costs, and of each the earliest deadline."""
        await self._queue.enter(deadline, cost)

    def leave(self) -> None:
        """Free the place of a finished call and let the next one in."""
        self._inside -= 1
        self._queue.let_in()

    def adjust(self, *, is_late: bool) -> None:
        """Lower or raise the limit.

        Args:
            is_late: whether the event loop is late.
        """
        limit = min(self._limit, self._inside) * FEWER if is_late else self._limit * MORE
        self._limit = min(max(limit, self._least), self._most)
        self._queue.let_in()

    def _take(self) -> None:
        self._inside += 1
