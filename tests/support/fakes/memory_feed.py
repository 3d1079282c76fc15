"""The change feeds of the in-memory store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from biometrics.errors import FeedSetBack, FeedTruncated, StoreSetBack, StoreUnavailable
from gallery.partitions import partition_of
from gallery.store.keyed_names import SIZE, subject_name
from gallery.store.tokens import FeedPosition, Positions, parse
from gallery.store.values import START, Change, ChangeKind, ConsistencyToken

NAME_KEY = bytes(SIZE)
ADAPTER, STORE_ID = "memory", "0a1b2c3d"


@dataclass
class MemoryFeed:
    """A list of changes per partition; the mark of a position is its number."""

    partitions: int = 4
    down: bool = False
    feeds: dict[int, list[Change]] = field(default_factory=dict)
    trimmed: dict[int, int] = field(default_factory=dict)
    epoch: int = 0
    written: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def partition_count(self) -> int:
        """See SubjectStore."""
        await self.ping()
        return self.partitions

    async def position(self, partitions: Sequence[int] = ()) -> ConsistencyToken:
        """See SubjectStore."""
        await self.ping()
        return self._token(*(self._newest(each) for each in partitions or range(self.partitions)))

    async def origin(self) -> ConsistencyToken:
        """See SubjectStore."""
        await self.ping()
        return self._token()

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        positions = parse(after, ADAPTER, STORE_ID).of or {p: self._at(p, 0) for p in range(self.partitions)}
        async with self.written:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self.written.wait_for(lambda: any(map(self._is_news, positions.values())))
        await self.ping()
        found: list[Change] = []
        for partition, position in positions.items():
            if self._is_lost(position):
                raise FeedSetBack("Read all again.")
            if position.number[0] < self.trimmed.get(partition, 0):
                raise FeedTruncated("Read all again.")
            found += self._feed(partition)[position.number[0] :]
        return found[:limit]

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""
        await self.ping()
        if any(self._is_lost(each) for token in tokens for each in parse(token, ADAPTER, STORE_ID).of.values()):
            raise StoreSetBack("Lost.")

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return parse(applied, ADAPTER, STORE_ID).reached(parse(wanted, ADAPTER, STORE_ID))

    def hurry(self) -> None:
        """See SubjectStore."""

    async def ping(self) -> None:
        """See SubjectStore."""
        if self.down:
            raise StoreUnavailable("The store is down.")

    def trim(self) -> None:
        """Forget all changes made so far."""
        self.trimmed = {partition: len(feed) for partition, feed in self.feeds.items()}

    def write_of(self, subject_id: str, number: int) -> ConsistencyToken:
        """The token of the change of this number in the feed of a subject's partition."""
        return self._token(self._at(partition_of(subject_id, self.partitions), number))

    async def _append(self, subject_id: str, kind: ChangeKind) -> ConsistencyToken:
        partition = partition_of(subject_id, self.partitions)
        token = self._token(self._at(partition, len(self._feed(partition)) + 1))
        async with self.written:
            self._feed(partition).append(Change(token, partition, kind, subject_name(NAME_KEY, subject_id)))
            self.written.notify_all()
        return token

    def _feed(self, partition: int) -> list[Change]:
        return self.feeds.setdefault(partition, [])

    def _newest(self, partition: int) -> FeedPosition:
        return self._at(partition, len(self._feed(partition)))

    def _at(self, partition: int, number: int) -> FeedPosition:
        return FeedPosition(partition, f"{self.epoch:08x}", f"{number:08x}", (number, 0))

    def _is_lost(self, position: FeedPosition) -> bool:
        number = position.number[0]
        return position != self._at(position.partition, number) or number > len(self._feed(position.partition))

    def _is_news(self, position: FeedPosition) -> bool:
        return self._is_lost(position) or position != self._newest(position.partition)

    def _token(self, *positions: FeedPosition) -> ConsistencyToken:
        return Positions(ADAPTER, STORE_ID, {each.partition: each for each in positions}).token or START
