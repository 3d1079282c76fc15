"""Wakes everyone who waits for the next event, in one event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Bell:
    """Rung once per event.

    Take `next_ring` first, look for what has happened, then wait: nothing in between is missed.
    """

    def __init__(self) -> None:
        self.next_ring = asyncio.Event()

    def ring(self) -> None:
        """Wake those who wait."""
        rung, self.next_ring = self.next_ring, asyncio.Event()
        rung.set()


async def wait_for_ring(ring: asyncio.Event, timeout_s: float) -> None:
    """Return at the ring, or after `timeout_s`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await ring.wait()
