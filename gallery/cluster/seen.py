"""Feed positions of partitions: which a search must see, and which all replicas have applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import TypeVar

from biometrics.errors import IndexBehind, StoreSetBack
from gallery.cluster.replicas import ShardReplicas
from gallery.store.tokens import NOWHERE, FeedPosition, Positions, parse
from gallery.store.values import START, ConsistencyToken

Answer = TypeVar("Answer")


def parsed(token: ConsistencyToken) -> Positions:
    """The positions of a token, of whatever store it is.

    Raises:
        FieldInvalid: no store made it.
    """
    return NOWHERE if token == START else parse(token, token.partition(".")[0])


def part(token: ConsistencyToken, partitions: Iterable[int]) -> ConsistencyToken:
    """The token of those positions that are of these partitions; `START` if there are none."""
    positions = parsed(token)
    own = {each: positions.of[each] for each in partitions if each in positions.of}
    return Positions(positions.adapter, positions.store_id, own).token if own else START


def applied_by_all(shards: Sequence[ShardReplicas]) -> ConsistencyToken:
    """For each partition the newest position that every replica that is ready has applied; `START` if none is ready."""
    least = NOWHERE
    for shard in shards:
        for replica in shard.replicas:
            if replica.status and replica.status.is_ready and replica.status.applied != START:
                positions = parsed(replica.status.applied)
                known = {each: positions.of[each] for each in shard.partitions if each in positions.of}
                older = [each for each in known.values() if not _is_before(least.of.get(each.partition), each)]
                least = Positions(positions.adapter, positions.store_id, least.of).advanced(older)
    return least.token


def _is_before(known: FeedPosition | None, other: FeedPosition) -> bool:
    return known is not None and known.number <= other.number


class Promised:
    """The writes that callers were told are searchable: every later search must see them, whichever replica it asks."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._positions = NOWHERE

    def add(self, token: ConsistencyToken) -> None:
        """Callers were told that this write is searchable."""
        positions = parsed(token)
        with self._lock:
            known = self._positions.of
            newer = [each for each in positions.of.values() if not _is_before(each, known.get(each.partition, each))]
            missing = [each for each in positions.of.values() if each.partition not in known]
            if newer or missing:
                self._positions = Positions(positions.adapter, positions.store_id, known).advanced([*newer, *missing])

    def of(self, partitions: Iterable[int]) -> ConsistencyToken:
        """The token of the promises about these partitions."""
        positions = self._positions
        own = {each: positions.of[each] for each in partitions if each in positions.of}
        return Positions(positions.adapter, positions.store_id, own).token if own else START

    def kept(self, work: Callable[[], Answer]) -> Answer:
        """Do work that waits for the promised writes.

        Raises:
            IndexBehind: one of them is lost, as the store was set back; all are forgotten. Callers with its token learn
                it by `Index.confirmed`.
        """
        try:
            return work()
        except StoreSetBack as error:
            self._positions = NOWHERE
            raise IndexBehind("The store was set back to an earlier state. Try again in a moment.") from error
