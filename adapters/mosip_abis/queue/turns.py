"""Who waits for whom: a search for the changes that came before it, and each attempt for a free place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from weakref import WeakValueDictionary


class Turns:
    """Requests that were taken and are not yet answered. For one event loop.

    Args:
        at_once: most that are worked on at once, of those that need the data share, and of the others.

    Attributes:
        count: how many there are.
    """

    def __init__(self, at_once: int) -> None:
        self._of_share, self._others = asyncio.Semaphore(at_once), asyncio.Semaphore(at_once)
        self._changes: set[asyncio.Future[None]] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.count = 0

    @asynccontextmanager
    async def turn(self, name: str, changed: str = "") -> AsyncIterator[None]:
        """The turn of a request; those of one name, and changes of one person, come one after the other.

        Args:
            name: of the request.
            changed: id of the person that it inserts or deletes; "": it is a search, which waits for the changes that
                are before it.
        """
        earlier, ended = list(self._changes), asyncio.get_running_loop().create_future()
        self.count += 1
        if changed:
            self._changes.add(ended)
        try:
            if earlier and not changed:
                await asyncio.wait(earlier)
            async with self._lock(f"request {name}"), self._lock(f"person {changed}") if changed else nullcontext():
                yield
        finally:
            self.count -= 1
            self._changes.discard(ended)
            ended.set_result(None)

    def place(self, *, needs_share: bool) -> asyncio.Semaphore:
        """The places of one attempt, of which it takes one while it lasts.

        Args:
            needs_share: whether the data share may be asked; it may hold all of these places while it does not answer.
        """
        return self._of_share if needs_share else self._others

    def _lock(self, of: str) -> asyncio.Lock:
        return self._locks.setdefault(of, asyncio.Lock())
