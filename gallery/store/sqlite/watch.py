"""Polls a SQLite file for writes of other processes, once for all tasks that wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import TypeVar

from biometrics.errors import BiofusionError
from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.store.values import START, ConsistencyToken

Found = TypeVar("Found")

POLL_S = 0.05
"""Interval, in seconds, of polling while a task waits."""


class Watch:
    """Notifies a signal when the newest position of the feed has changed. For one event loop.

    Every position has its own random mark, so an unchanged position means that nothing was written and the file was
    not set back.

    Args:
        newest: reads the newest position.
        signal: the signal; also notified if the position cannot be read, so that the waiting tasks find out why.
    """

    def __init__(self, newest: Callable[[], Awaitable[ConsistencyToken]], signal: ChangeSignal) -> None:
        self._newest, self._signal = newest, signal
        self._seen = START
        self._waiting = 0
        self._polling: asyncio.Task[None] | None = None

    async def first_found(self, read: Callable[[], Awaitable[list[Found]]], wait_s: float) -> list[Found]:
        """What `read` finds in the feed, as soon as it finds anything; an empty list after `wait_s`."""
        deadline = time.monotonic() + wait_s
        while True:
            written = self._signal.next_event
            found = await read()
            remaining_s = deadline - time.monotonic()
            if found or remaining_s <= 0:
                return found
            await self.wait(written, remaining_s)

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """Return when this event is set, or after `timeout_s`. Take the event before reading the feed."""
        self._waiting += 1
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll(), context=Context())
        try:
            await wait_for_event(event, timeout_s)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Stop polling."""
        if self._polling is not None:
            self._polling.cancel()

    async def _poll(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(POLL_S)
                try:
                    seen = await self._newest()
                except BiofusionError:
                    seen = START
                if seen == START or seen != self._seen:
                    self._signal.notify()
                self._seen = seen
        finally:
            self._polling = None
