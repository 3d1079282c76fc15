"""gallery.cluster.seen: which positions all replicas have applied, and which a search must see."""

from __future__ import annotations

import pytest

from biometrics.errors import IndexBehind, StoreSetBack
from gallery.cluster.messages import ShardStatus
from gallery.cluster.replicas import Replica, ShardReplicas
from gallery.cluster.seen import Promised, applied_by_all, part
from gallery.store.tokens import FeedPosition, Positions
from gallery.store.values import START, ConsistencyToken


def token(**numbers: int) -> ConsistencyToken:
    """A token of the positions `p<partition>=<number>`."""
    of = {int(name[1:]): FeedPosition(int(name[1:]), "0" * 8, "1" * 8, (n, 0)) for name, n in numbers.items()}
    return Positions("memory", "0a1b2c3d", of).token


def shard(number: int, partitions: tuple[int, ...], *applied: ConsistencyToken | None) -> ShardReplicas:
    """A shard whose replicas have applied these; None: not ready."""
    states = [None if each is None else ShardStatus(True, True, each, "", 0, 0, "life", 1) for each in applied]
    return ShardReplicas(number, partitions, [Replica(None, state) for state in states], None)


def test_applied_is_what_the_slowest_replica_has() -> None:
    """Per partition the lowest position of the replicas that are ready; others do not count."""
    shards = [
        shard(0, (0, 1), token(p0=5, p1=7), token(p0=6, p1=4)),
        shard(1, (2,), None, token(p2=9)),
        shard(2, (3,), None, None),
    ]
    assert token(p0=5, p1=4, p2=9) == applied_by_all(shards)
    assert START == applied_by_all(shards[2:])


def lost() -> None:
    """Work that finds that a promised write was lost."""
    raise StoreSetBack("lost")


def test_promises_only_rise() -> None:
    """Of each partition the latest write that was promised is kept, until the store is set back."""
    promised = Promised()
    assert START == promised.of([0, 1])
    for each in (token(p0=3), token(p1=2), token(p0=1), token(p0=4)):
        promised.add(each)
    assert token(p0=4, p1=2) == promised.of([0, 1, 7])
    assert token(p1=2) == promised.of([1])
    assert 7 == promised.kept(lambda: 7)
    with pytest.raises(IndexBehind, match="set back"):
        promised.kept(lost)
    assert START == promised.of([0, 1])


def test_the_part_of_a_token() -> None:
    """Only the positions of the partitions asked for remain."""
    assert token(p1=2) == part(token(p0=4, p1=2), [1, 5])
    assert START == part(token(p0=4), [1])
    assert START == part(START, [1])
