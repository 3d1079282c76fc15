"""The change feeds of a Redis store's partitions: streams, whose entry ids are the numbers of positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from gallery.store.backend import Entry, FeedPart, Held, StoreIdentity
from gallery.store.redis.connections.nodes import Nodes, Routed
from gallery.store.redis.keys import Identity, Keys, prefix_of
from gallery.store.redis.positions import entry_id, number_of, of_tail
from gallery.store.redis.scripts import FEED, RENEW
from gallery.store.tokens import NO_MARK, FeedPosition, new_mark
from gallery.store.values import ChangeKind


class Feeds:
    """The feeds of one store.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
    """

    def __init__(self, nodes: Nodes, keys: Keys) -> None:
        self._nodes, self._keys = nodes, keys

    async def newest(self, partitions: Sequence[int]) -> list[FeedPosition | None]:
        """See Backend.newest; None for a partition that is of no store."""
        names = [self._keys(each, "tail") for each in partitions]
        if self._nodes.is_cluster or not names:
            tails = await self._nodes.run([(each, ("GET", name)) for each, name in zip(partitions, names, strict=True)])
        else:
            (tails,) = await self._nodes.run([(partitions[0], ("MGET", *names))])
        return [of_tail(each, tail) if tail else None for each, tail in zip(partitions, tails, strict=True)]

    async def entries(self, after: FeedPosition, limit: int) -> FeedPart:
        """See Backend.entries."""
        (answer,) = await self._nodes.run([self._question(after, limit)])
        state = _State.read(answer)
        held = state.held(after)
        if held is not Held.HELD:
            return FeedPart(held)
        return FeedPart(held, [state.entry(after.partition, each) for each in answer[4]])

    async def held(self, positions: Sequence[FeedPosition]) -> list[Held]:
        """See Backend.held."""
        answers = await self._nodes.run([self._question(each, 0) for each in positions])
        return [_State.read(answer).held(each) for each, answer in zip(positions, answers, strict=True)]

    async def renew_epochs(self, store: StoreIdentity, seen: Sequence[FeedPosition]) -> None:
        """See Backend.renew_epochs."""
        for each in seen:
            names = [self._keys(each.partition, "store"), self._keys(each.partition, "tail")]
            command = RENEW(names, [f"{prefix_of(store)}.", each.epoch, new_mark()])
            await self._nodes.write(each.partition, command)

    def _question(self, position: FeedPosition, limit: int) -> Routed:
        names = [self._keys(position.partition, "store"), self._keys(position.partition, "feed")]
        return position.partition, FEED(names, [entry_id(position.number), limit])


@dataclass(frozen=True, slots=True)
class _State:
    """What a feed knows of the position that was asked for.

    Args:
        epoch: of the partition; "" if it is of no store.
        mark: of the entry at the position, "" if there is none.
        lost: whether entries were dropped from the beginning.
        oldest: entry id of the first entry kept, b"" if there is none.
    """

    epoch: str
    mark: str
    lost: bool
    oldest: bytes

    @classmethod
    def read(cls, answer: Sequence[Any]) -> Self:
        store, mark, lost, oldest, _ = answer
        return cls(Identity.read(store).epoch if store else "", mark.decode(), bool(lost), oldest)

    def held(self, position: FeedPosition) -> Held:
        if position.epoch != self.epoch:
            return Held.LOST
        if position.number == (0, 0) and position.mark == NO_MARK:
            return Held.OLDER if self.lost else Held.HELD
        if self.mark:
            return Held.HELD if self.mark == position.mark else Held.LOST
        is_older = self.lost and self.oldest and position.number < number_of(self.oldest)
        return Held.OLDER if is_older else Held.LOST

    def entry(self, partition: int, answer: Sequence[bytes]) -> Entry:
        number, kind, name, mark = answer
        position = FeedPosition(partition, self.epoch, mark.decode(), number_of(number))
        return Entry(position, ChangeKind(kind.decode()), name)
