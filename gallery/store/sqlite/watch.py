"""Looks for what other processes write to a SQLite file, once for all who wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context

from biometrics.errors import BiofusionError
from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.store.values import START, ConsistencyToken

POLL_S = 0.05
"""How often it is looked, while somebody waits."""


class Watch:
    """Notifies when the newest position is not what it was. Of one event loop.

    Every position has a mark of its own, so the same position means the same history: nothing was written, and the
    file was not set back.

    Args:
        newest: reads the newest position.
        signal: notified, also where the position cannot be read: whoever waits finds out why.
    """

    def __init__(self, newest: Callable[[], Awaitable[ConsistencyToken]], signal: ChangeSignal) -> None:
        self._newest, self._signal = newest, signal
        self._seen = START
        self._waiting = 0
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """Return at this event of the signal, taken before what is known was read, or after `timeout_s`."""
        self._waiting += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), context=Context())
        try:
            await wait_for_event(event, timeout_s)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
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
            self._looking = None
