"""Purges erased data from memory some time after the erasure, and once more later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from gallery.erased_memory import scrub
from gallery.index.feed_loading import Copy

PURGES, AGAIN = 2, 3
"""Purges after an erasure, and the wait for the second one in units of the first: by then, calls that ran during the
first purge have freed their buffers."""

PART_S = 0.25
"""Seconds after which a purge rests, so that the changes that came meanwhile are applied."""
RESTING_S = 10.0
"""Seconds after which it does not rest any more, as further erasures could put off its end."""

NEVER = float("inf")


class Purging:
    """The schedule of purges.

    Args:
        purge_s: seconds from an erasure to the first purge; erasures in that time share it.
    """

    def __init__(self, purge_s: float) -> None:
        self._purge_s = purge_s
        self._at, self._purges = NEVER, 0
        self._begun_at: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether no purge is scheduled."""
        return self._at == NEVER

    @property
    def left_s(self) -> float:
        """Seconds until the next purge: 0 if it is due, infinite if none is scheduled."""
        return max(0.0, self._at - time.monotonic())

    def erased(self) -> None:
        """Schedule the purges, as data was erased."""
        self._purges = PURGES
        self._at = min(self._at, time.monotonic() + self._purge_s)

    async def run(self, copy: Copy | None, close_idle: Callable[[], Awaitable[None]]) -> None:
        """Purge the copy, the store's connections and free memory; if it fails, it is due again later.

        A large copy is purged in parts of `PART_S`: until it is complete, the next part is due at once.
        """
        begin = time.monotonic()
        self._at = begin + self._purge_s
        self._begun_at = begin if self._begun_at is None else self._begun_at
        end = begin + PART_S if begin < self._begun_at + RESTING_S else NEVER
        if copy is not None and not await asyncio.to_thread(copy.purge, lambda: time.monotonic() < end):
            self._at = begin
            return
        self._begun_at = None
        await close_idle()
        await asyncio.to_thread(scrub)
        self._purges -= 1
        self._at = time.monotonic() + AGAIN * self._purge_s if self._purges > 0 else NEVER
