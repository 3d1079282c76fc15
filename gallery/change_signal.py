"""A signal that wakes all tasks of one event loop that wait for the next change."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class ChangeSignal:
    """Notified at every change.

    Take `next_event` first, then read the state, then wait for the event: no change in between is missed.
    """

    def __init__(self) -> None:
        self.next_event = asyncio.Event()

    def notify(self) -> None:
        """Wake all tasks that wait for `next_event`."""
        past, self.next_event = self.next_event, asyncio.Event()
        past.set()


async def wait_for_event(event: asyncio.Event, timeout_s: float) -> None:
    """Return when the event is set, or after `timeout_s`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
