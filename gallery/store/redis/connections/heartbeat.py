"""Detects a Redis server that hangs: it accepts connections but does not answer, e.g. as its process is stopped.

While calls run, PINGs are sent over a separate connection. If one is not answered in time, all running calls are ended,
and new ones are refused at once, until a PING is answered: a hanging server costs its callers one timeout together,
not one each.
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
"""Seconds from an answer to the next PING."""
HANG_S = 1.5
"""Seconds without an answer to a PING after which the server is taken to hang."""
GRACE_S = 0.25
"""Seconds waited in addition, as this process may have been busy itself."""


class Heartbeat:
    """The running calls to one server, and whether it hangs.

    Args:
        ping: sends a PING over a connection that nothing else uses, and returns when it is answered.
    """

    def __init__(self, ping: Callable[[], Awaitable[object]]) -> None:
        self._ping = ping
        self._calls: set[asyncio.Timeout] = set()
        self._heart: asyncio.Task[None] | None = None
        self.hangs = False

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """Context of one call: it ends with TimeoutError after `seconds`, or as soon as the server is found to hang.

        Raises:
            StoreUnavailable: the server is known to hang.
        """
        if self.hangs:
            raise StoreUnavailable("Redis does not answer. Calls are refused until it does.")
        if self._heart is None or self._heart.done():
            self._heart = asyncio.create_task(self._beat(), name="heartbeat of the store", context=Context())
        async with asyncio.timeout(seconds) as call:
            self._calls.add(call)
            try:
                yield
            finally:
                self._calls.discard(call)

    async def close(self) -> None:
        """Stop sending PINGs."""
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
                    await asked  # an error is an answer too: running calls get similar errors themselves
            if not self.hangs:
                await asyncio.sleep(BEAT_S)

    def _learn(self, *, hangs: bool) -> None:
        self.hangs = hangs
        if hangs:
            for call in self._calls:
                call.reschedule(asyncio.get_running_loop().time())
