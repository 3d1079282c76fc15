"""Whether the event loop keeps up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BEAT_S = 0.02
LATE_S = 0.0015


class EventLoopLag:
    """Beats on the running event loop, and tells of each beat whether the loop keeps up.

    It does not where one turn of it takes longer than `LATE_S`: a refusal and a health check take some turns.

    Args:
        heard: told of each beat whether the loop is late.
    """

    def __init__(self, heard: Callable[[bool], None]) -> None:
        self._heard = heard
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to beat."""
        self._next = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def stop(self) -> None:
        """End."""
        if self._next:
            self._next.cancel()

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(self._turned, loop.time())
        self.start()

    def _turned(self, begin: float) -> None:
        self._heard(asyncio.get_running_loop().time() - begin > LATE_S)
