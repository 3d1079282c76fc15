"""The change feed of the in-memory store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from biometrics.errors import (
    FeedSetBack,
    FeedTruncated,
    FieldInvalid,
    StoreSetBack,
    StoreUnavailable,
)
from gallery.store.values import (
    START,
    Change,
    ConsistencyToken,
)


@dataclass
class MemoryFeed:
    """A list of changes. Tokens are `memory.HISTORY.N`: the first N changes of a history."""

    down: bool = False
    feed: list[Change] = field(default_factory=list)
    trimmed: int = 0
    history: int = 0
    written: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def position(self) -> ConsistencyToken:
        """See SubjectStore."""
        await self.ping()
        return self._token(len(self.feed))

    async def origin(self) -> ConsistencyToken:
        """See SubjectStore."""
        await self.ping()
        return self._token(0)

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        await self.ping()
        if after != START and self._is_lost(after):
            raise FeedSetBack("Read all again.")
        if _number(after) < self.trimmed:
            raise FeedTruncated("Read all again.")
        async with self.written:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self.written.wait_for(lambda: self._is_lost(after) or len(self.feed) > _number(after))
        await self.ping()
        if after != START and self._is_lost(after):
            raise FeedSetBack("Read all again.")
        return self.feed[_number(after) :][:limit]

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""
        await self.ping()
        if any(token != START and self._is_lost(token) for token in tokens):
            raise StoreSetBack("Lost.")

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return _number(applied) >= _number(wanted)

    async def ping(self) -> None:
        """See SubjectStore."""
        if self.down:
            raise StoreUnavailable("The store is down.")

    def trim(self) -> None:
        """Forget all changes made so far."""
        self.trimmed = len(self.feed)

    def _is_lost(self, token: ConsistencyToken) -> bool:
        return token.split(".")[1:2] != [str(self.history)] or _number(token) > len(self.feed)

    def _token(self, number: int) -> ConsistencyToken:
        return ConsistencyToken(f"memory.{self.history}.{number}")


def _number(token: ConsistencyToken) -> int:
    if token == START:
        return 0
    if not token.startswith("memory."):
        raise FieldInvalid("consistency_token", "This is no token of this store.")
    return int(token.split(".")[2])
