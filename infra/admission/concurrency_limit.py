"""How many calls are worked on at once, so that the event loop keeps up with what else comes.

A turn of the event loop takes a step of every call that is worked on. With hundreds of those, new calls, refusals and
health checks would wait for long. So admitted calls wait here, the most urgent first, and fewer are let in while the
loop is late. Calls that wait for threads or for other services do not make it late.
"""

from __future__ import annotations

from infra.admission.deadline_queue import DeadlineQueue
from infra.deadlines import Deadline

FEWER, MORE = 0.7, 1.1
"""By what the width is multiplied when the loop is late, and when it is not."""


class ConcurrencyLimit:
    """Lets calls in. Of one event loop.

    Args:
        least: calls that are let in however late the loop is: as many as keep all cores busy.
        most: calls that are let in at any time.
    """

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most
        self._width = float(least)
        self._inside = 0
        self._line = DeadlineQueue(lambda: self._inside < self._width, self._take, self.leave)

    @property
    def has_waiting(self) -> bool:
        """Whether calls wait to be let in."""
        return self._line.has_waiting

    async def enter(self, deadline: Deadline) -> None:
        """Wait for one's turn; the earliest deadline is first."""
        await self._line.enter(deadline)

    def leave(self) -> None:
        """Let the next in."""
        self._inside -= 1
        self._line.let_in()

    def adjust(self, *, is_late: bool) -> None:
        """Let fewer in, or more.

        Args:
            is_late: whether the event loop does not keep up.
        """
        width = min(self._width, self._inside) * FEWER if is_late else self._width * MORE
        self._width = min(max(width, self._least), self._most)
        self._line.let_in()

    def _take(self) -> None:
        self._inside += 1
