"""The feeds and receipts of the in-memory backend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from biometrics.errors import StoreUnavailable
from gallery.store.changes import Entry, FeedPart, Held, Outcome, Request, Write, Written
from gallery.store.tokens import NO_MARK, FeedPosition, new_mark

EPOCH = "0000e0c4"


@dataclass
class BackendFeeds:
    """A list of entries per partition."""

    partition_count: int = 4
    down: bool = False
    receipts: dict[tuple[int, bytes], tuple[bytes, FeedPosition]] = field(default_factory=dict)
    feeds: dict[int, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    trimmed: dict[int, int] = field(default_factory=dict)
    epochs: dict[int, str] = field(default_factory=dict)

    async def newest(self, partitions: Sequence[int]) -> list[FeedPosition]:
        """See Backend."""
        await self.ping()
        return [self._newest(each) for each in partitions]

    async def entries(self, after: FeedPosition, limit: int) -> FeedPart:
        """See Backend."""
        (held,) = await self.held([after])
        if held is not Held.HELD:
            return FeedPart(held)
        later = [each for each in self.feeds[after.partition] if each.position.number > after.number]
        return FeedPart(held, later[:limit])

    async def held(self, positions: Sequence[FeedPosition]) -> list[Held]:
        """See Backend."""
        await self.ping()
        return [self._held(each) for each in positions]

    async def renew_epochs(self, seen: Sequence[FeedPosition]) -> None:
        """See Backend."""
        for each in seen:
            if self.epochs.get(each.partition, EPOCH) == each.epoch:
                self.epochs[each.partition] = new_mark()
                epoch = self.epochs[each.partition]
                feed = self.feeds[each.partition]
                feed[:] = [replace(e, position=replace(e.position, epoch=epoch)) for e in feed]

    async def ping(self) -> None:
        """See Backend."""
        if self.down:
            raise StoreUnavailable("The store is down.")

    def trim(self) -> None:
        """Forget all entries made so far."""
        for partition, feed in self.feeds.items():
            if feed:
                self.trimmed[partition] = feed[-1].position.number[0]
                feed[:] = feed[-1:]

    def _done(self, partition: int, request: Request) -> Written | None:
        found = self.receipts.get((partition, request.name))
        if found is None:
            return None
        content, position = found
        return Written(Outcome.DONE, replace(position, epoch=self._begin(partition).epoch), content)

    def _append(self, partition: int, write: Write) -> FeedPosition:
        number = self._newest(partition).number[0] + 1
        position = FeedPosition(partition, self.epochs.get(partition, EPOCH), new_mark(), (number, 0))
        self.feeds[partition].append(Entry(position, write.kind, write.key.name))
        return position

    def _newest(self, partition: int) -> FeedPosition:
        feed = self.feeds[partition]
        return feed[-1].position if feed else self._begin(partition)

    def _begin(self, partition: int) -> FeedPosition:
        return FeedPosition(partition, self.epochs.get(partition, EPOCH), NO_MARK, (0, 0))

    def _held(self, position: FeedPosition) -> Held:
        partition = position.partition
        if position == self._begin(partition):
            return Held.OLDER if partition in self.trimmed else Held.HELD
        if position.epoch == self.epochs.get(partition, EPOCH) and position.number[0] < self.trimmed.get(partition, 0):
            return Held.OLDER
        return Held.HELD if position in [each.position for each in self.feeds[partition]] else Held.LOST
