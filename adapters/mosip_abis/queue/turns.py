"""Who waits for whom: a search for the changes that came before it, and all for a free place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """Requests that were taken and are not yet answered. For one event loop.

    Args:
        at_once: most that are worked on at once.
    """

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._changes: set[asyncio.Future[None]] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.count = 0

    @asynccontextmanager
    async def turn(self, name: str, *, is_change: bool) -> AsyncIterator[None]:
        """The turn of a request; those of one name come one after the other.

        Args:
            name: of the request.
            is_change: whether it changes what is searched; any other waits for the changes that are before it.
        """
        earlier, ended = list(self._changes), asyncio.get_running_loop().create_future()
        self.count += 1
        if is_change:
            self._changes.add(ended)
        try:
            if earlier and not is_change:
                await asyncio.wait(earlier)
            async with self._locks.setdefault(name, asyncio.Lock()), self._places:
                yield
        finally:
            self.count -= 1
            self._changes.discard(ended)
            ended.set_result(None)
