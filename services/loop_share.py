"""Runs small work directly on the event loop, within a time limit per iteration of the loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TURN_S = 0.004
"""Seconds of one loop iteration that such work may use; after that, small work goes to a thread too."""


class LoopShare:
    """Sums the time spent in the current iteration of the event loop; when it is used up, work must go elsewhere.

    The loop runs everything that is ready before it polls for new events: many small pieces block it like a large one.

    Args:
        seconds: limit per iteration.
        clock: in seconds.
    """

    def __init__(self, seconds: float = TURN_S, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = seconds
        self._clock = clock
        self._spent_s = 0.0

    @property
    def has_room(self) -> bool:
        """Whether the current iteration has time left."""
        return self._spent_s < self._seconds

    def spend(self, work: Callable[[], T]) -> T:
        """Run the work now, count its time, and return its result."""
        if not self._spent_s:
            asyncio.get_running_loop().call_soon(self._begin)
        begin = self._clock()
        try:
            return work()
        finally:
            self._spent_s += self._clock() - begin

    def _begin(self) -> None:
        self._spent_s = 0.0
