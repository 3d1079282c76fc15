"""The change feeds of a store's partitions, read by one token."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence

from biometrics.errors import FeedSetBack, FeedTruncated, StoreUnavailable
from gallery.store.backend import Backend
from gallery.store.changes import Entry, Held
from gallery.store.feeds.watch import Watch
from gallery.store.rows import StoreIdentity
from gallery.store.rules import store_set_back
from gallery.store.tokens import NO_MARK, FeedPosition, Positions, not_ours, parse
from gallery.store.values import Change, ConsistencyToken


class Feed:
    """Reads the feeds of one backend.

    Args:
        backend: keeps the feeds.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._watched: dict[int, int] = {}
        self._watch = Watch(self._watched_positions)

    async def position(self, partitions: Sequence[int]) -> Positions:
        """The newest positions of these partitions; of all, if none is named."""
        identity = await self._backend.identity()
        newest = await self._backend.newest(list(_known(partitions, identity)) or range(identity.partition_count))
        return _positions(identity, newest)

    async def origin(self) -> Positions:
        """No position of this store."""
        return _positions(await self._backend.identity(), ())

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> list[Change]:
        """See SubjectStore."""
        identity = await self._backend.identity()
        wanted = _parsed(after, identity)
        begin = wanted.of or {each.partition: _begin(each) for each in await self._all(identity)}
        for partition in begin:
            self._watched[partition] = self._watched.get(partition, 0) + 1
        try:
            return await self._watch.first_found(lambda: self._found(identity, begin.values(), limit), wait_s)
        finally:
            for partition in begin:
                self._watched[partition] -= 1

    async def check(self, tokens: Sequence[ConsistencyToken]) -> None:
        """See SubjectStore."""
        identity = await self._backend.identity()
        positions = [position for token in tokens for position in _parsed(token, identity).of.values()]
        newest = {each.partition: each for each in await self._backend.newest(_partitions(positions))}
        doubtful = [each for each in positions if newest[each.partition] != each]
        if doubtful and Held.LOST in await self._backend.held(doubtful):
            raise store_set_back()

    def notify(self) -> None:
        """Waiting readers look again now."""
        self._watch.notify()

    def close(self) -> None:
        """Stop polling."""
        self._watch.close()

    async def _found(self, identity: StoreIdentity, after: Iterable[FeedPosition], limit: int) -> list[Change]:
        positions = list(after)
        newest = {each.partition: each for each in await self._reachable(_partitions(positions))}
        moved = [each for each in positions if newest.get(each.partition, each) != each][:limit]
        share = limit // max(1, len(moved))  # so that a busy partition does not keep the others waiting
        parts = await asyncio.gather(*(self._backend.entries(position, share) for position in moved))
        await self._require([part.held for part in parts], moved)
        return [_change(identity, entry) for part in parts for entry in part.entries]

    async def _reachable(self, partitions: Sequence[int]) -> list[FeedPosition]:
        """The newest positions of those partitions that can be read, as part of a cluster may be down.

        Raises:
            StoreUnavailable: none can be read.
        """
        try:
            return await self._backend.newest(partitions)
        except StoreUnavailable:
            asked = (self._backend.newest([each]) for each in partitions)
            answers = await asyncio.gather(*asked, return_exceptions=True)
            found = [position for answer in answers if isinstance(answer, list) for position in answer]
            if not found:
                raise
            return found

    async def _require(self, helds: Sequence[Held], positions: Sequence[FeedPosition]) -> None:
        """Raise if any position is not in its feed.

        The partitions of all that are lost begin new epochs together. So each reader reads all subjects again once, and
        not once more for each partition that another reader finds lost.
        """
        lost = [position for held, position in zip(helds, positions, strict=True) if held is Held.LOST]
        if lost:
            await self._backend.renew_epochs(lost)
            raise FeedSetBack("The store was set back to a time before this position. Read all subjects again.")
        if Held.OLDER in helds:
            raise FeedTruncated("The change feed does not reach back to this position. Read all subjects again.")

    async def _all(self, identity: StoreIdentity) -> list[FeedPosition]:
        return await self._backend.newest(range(identity.partition_count))

    async def _watched_positions(self) -> list[FeedPosition]:
        return await self._reachable([partition for partition, count in self._watched.items() if count])


def _parsed(token: ConsistencyToken, identity: StoreIdentity) -> Positions:
    positions = parse(token, identity.adapter, identity.store_id)
    _known(positions.of, identity)
    return positions


def _known(partitions: Collection[int], identity: StoreIdentity) -> Collection[int]:
    """These partitions, if the store has them."""
    if any(each >= identity.partition_count for each in partitions):
        raise not_ours()
    return partitions


def _partitions(positions: Sequence[FeedPosition]) -> list[int]:
    return list(dict.fromkeys(each.partition for each in positions))


def _positions(identity: StoreIdentity, positions: Iterable[FeedPosition]) -> Positions:
    return Positions(identity.adapter, identity.store_id, {each.partition: each for each in positions})


def _begin(position: FeedPosition) -> FeedPosition:
    return FeedPosition(position.partition, position.epoch, NO_MARK, (0, 0))


def _change(identity: StoreIdentity, entry: Entry) -> Change:
    return Change(_positions(identity, [entry.position]).token, entry.position.partition, entry.kind, entry.name)
