"""Small work on the event loop, as much of it as one turn of the loop can take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TURN_S = 0.004
"""Of one turn of the loop, after which what is small too is handed over to a thread."""


class LoopShare:
    """Counts what the turn at hand has been spent on: whoever finds it used up goes elsewhere.

    The loop works on all that is ready before it looks for anything new: many small pieces hold it like a large one.

    Args:
        seconds: that a turn may be used for.
        clock: in seconds.
    """

    def __init__(self, seconds: float = TURN_S, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = seconds
        self._clock = clock
        self._spent_s = 0.0

    @property
    def has_room(self) -> bool:
        """Whether more can be done in this turn."""
        return self._spent_s < self._seconds

    def spend(self, work: Callable[[], T]) -> T:
        """Do it now."""
        if not self._spent_s:
            asyncio.get_running_loop().call_soon(self._begin)
        begin = self._clock()
        try:
            return work()
        finally:
            self._spent_s += self._clock() - begin

    def _begin(self) -> None:
        self._spent_s = 0.0
