"""Measures periodically whether the event loop is late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

BEAT_S = 0.02
LATE_S = 0.0015


class EventLoopLag:
    """Times one iteration of the running event loop every `BEAT_S`, and reports whether it was late.

    Late means that the iteration took longer than `LATE_S`: a refusal or a health check takes several iterations.

    Args:
        heard: called after each measurement with whether the loop is late.
    """

    def __init__(self, heard: Callable[[bool], None]) -> None:
        self._heard = heard
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to measure."""
        self._next = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def stop(self) -> None:
        """Stop measuring."""
        if self._next:
            self._next.cancel()

    def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(self._turned, loop.time())
        self.start()

    def _turned(self, begin: float) -> None:
        self._heard(asyncio.get_running_loop().time() - begin > LATE_S)
