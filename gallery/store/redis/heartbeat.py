"""Notices that a server hangs: it takes connections and answers nothing, as one that is stopped or cut off does.

While calls run, a PING goes to the server over a connection of its own. When that is not answered in time, all calls
that run end at once, and new ones are refused at once, until one is answered: a hanging server costs its callers one
timeout, not one each.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import Context

from redis.exceptions import RedisError

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.ending import end

BEAT_S = 0.5
"""From an answer to the next PING."""
HANG_S = 1.5
"""A PING that is not answered for so long: the server hangs."""
GRACE_S = 0.25
"""Once more, as this process may have been busy itself."""


class Heartbeat:
    """The calls to one server, and whether it lives.

    Args:
        ping: asks the server, over a connection that nothing else uses.
    """

    def __init__(self, ping: Callable[[], Awaitable[object]]) -> None:
        self._ping = ping
        self._calls: set[asyncio.Timeout] = set()
        self._heart: asyncio.Task[None] | None = None
        self.hangs = False

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """For one call, which ends by TimeoutError after so many seconds, or as soon as the server is known to hang.

        Raises:
            StoreUnavailable: it is known already.
        """
        if self.hangs:
            raise StoreUnavailable("Redis does not answer. It is asked again and again until it does.")
        if self._heart is None or self._heart.done():
            self._heart = asyncio.create_task(self._beat(), name="pulse of the store", context=Context())
        async with asyncio.timeout(seconds) as call:
            self._calls.add(call)
            try:
                yield
            finally:
                self._calls.discard(call)

    async def close(self) -> None:
        """Ask no more."""
        await end(self._heart)

    async def _beat(self) -> None:
        while self._calls or self.hangs:
            asked = asyncio.ensure_future(self._ping())
            try:
                await asyncio.wait({asked}, timeout=HANG_S)
                await asyncio.wait({asked}, timeout=0.0 if asked.done() else GRACE_S)
                self._learn(hangs=not asked.done())
            finally:
                if not asked.done():
                    asked.cancel()
                with suppress(RedisError, OSError, BiofusionError, asyncio.CancelledError):
                    await asked  # an error is an answer: calls that run get the like of it themselves
            if not self.hangs:
                await asyncio.sleep(BEAT_S)

    def _learn(self, *, hangs: bool) -> None:
        self.hangs = hangs
        if hangs:
            for call in self._calls:
                call.reschedule(asyncio.get_running_loop().time())
