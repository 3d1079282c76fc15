"""Lets go of what was erased: some time after the erasure, and once more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from gallery.erased_memory import scrub
from gallery.index.feed_copy import Copy

PURGES, AGAIN = 2, 3
"""Once more, after three times as long: calls that ran the first time have ended, and with them their buffers."""

NEVER = float("inf")


class Purging:
    """The purges that are to come, if any are.

    Args:
        purge_s: from an erasure to the first purge; erasures that come meanwhile share it.
    """

    def __init__(self, purge_s: float) -> None:
        self._purge_s = purge_s
        self._at, self._purges = NEVER, 0

    @property
    def is_done(self) -> bool:
        """Whether no purge is to come."""
        return self._at == NEVER

    @property
    def left_s(self) -> float:
        """Seconds until the next purge: 0 when it is due, infinite when none is to come."""
        return max(0.0, self._at - time.monotonic())

    def erased(self) -> None:
        """Something was erased."""
        self._purges = PURGES
        self._at = min(self._at, time.monotonic() + self._purge_s)

    async def run(self, copy: Copy | None, let_go: Callable[[], Awaitable[None]]) -> None:
        """Purge the copy, the store's connections and freed memory; anew some time later if it fails."""
        self._at = time.monotonic() + self._purge_s
        if copy is not None:
            await asyncio.to_thread(copy.purge)
        await let_go()
        await asyncio.to_thread(scrub)
        self._purges -= 1
        self._at = time.monotonic() + AGAIN * self._purge_s if self._purges > 0 else NEVER
