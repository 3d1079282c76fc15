"""Wakes everyone who waits for the next event, in one event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class ChangeSignal:
    """Rung once per event.

    Take `next_event` first, look for what has happened, then wait: nothing in between is missed.
    """

    def __init__(self) -> None:
        self.next_event = asyncio.Event()

    def notify(self) -> None:
        """Wake those who wait."""
        rung, self.next_event = self.next_event, asyncio.Event()
        rung.set()


async def wait_for_event(ring: asyncio.Event, timeout_s: float) -> None:
    """Return at the ring, or after `timeout_s`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await ring.wait()
