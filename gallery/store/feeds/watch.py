"""Polls the newest positions of a store's feeds, once for all tasks that wait for a change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import TypeVar

from biometrics.errors import BiofusionError
from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.store.tokens import FeedPosition

Found = TypeVar("Found")

POLL_S = 0.05
"""Interval, in seconds, of polling while a task waits. Writes of this process, and `hurry`, end the wait at once."""


class Watch:
    """Wakes waiting tasks when a newest position has changed. For one event loop.

    Every position has its own random mark, so unchanged positions mean that nothing was written and no partition was
    set back. If the positions cannot be read, the waiting tasks are woken, so that they find out why.

    Args:
        newest: reads the newest positions of all partitions that are waited for.
    """

    def __init__(self, newest: Callable[[], Awaitable[Sequence[FeedPosition]]]) -> None:
        self._newest = newest
        self._signal = ChangeSignal()
        self._seen: Sequence[FeedPosition] = ()
        self._waiting = 0
        self._polling: asyncio.Task[None] | None = None

    def notify(self) -> None:
        """Wake all waiting tasks."""
        self._signal.notify()

    async def first_found(self, read: Callable[[], Awaitable[list[Found]]], wait_s: float) -> list[Found]:
        """What `read` finds in the feeds, as soon as it finds anything; an empty list after `wait_s`."""
        deadline = time.monotonic() + wait_s
        while True:
            written = self._signal.next_event
            found = await read()
            remaining_s = deadline - time.monotonic()
            if found or remaining_s <= 0:
                return found
            await self._wait(written, remaining_s)

    def close(self) -> None:
        """Stop polling."""
        if self._polling is not None:
            self._polling.cancel()

    async def _wait(self, event: asyncio.Event, timeout_s: float) -> None:
        self._waiting += 1
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll(), context=Context())
        try:
            await wait_for_event(event, timeout_s)
        finally:
            self._waiting -= 1

    async def _poll(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(POLL_S)
                try:
                    seen = await self._newest()
                except BiofusionError:
                    seen = ()
                if not seen or seen != self._seen:
                    self._signal.notify()
                self._seen = seen
        finally:
            self._polling = None
