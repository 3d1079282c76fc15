"""Waits until a shard has applied a write, and says which partitions cannot be searched."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

from biometrics.errors import BiofusionError, IndexBehind
from gallery.cluster.gather import PASSING
from gallery.cluster.messages import Refused
from gallery.cluster.replicas import ShardReplicas
from gallery.store.values import ConsistencyToken

GRACE_S = 1.0
"""Seconds beyond the time of the caller, in which a replica tells that it has not applied the write."""


async def waited(shard: ShardReplicas, token: ConsistencyToken, timeout_s: float) -> None:
    """Return when a replica has applied the token.

    Raises:
        IndexBehind: none has within `timeout_s`.
        StoreSetBack, FieldInvalid: as `Index.wait_for`.
    """
    asked: set[asyncio.Future[Any]] = {
        asyncio.wrap_future(each.actor.wait_for.remote(token, timeout_s).future()) for each in shard.in_turn()
    }
    error: BiofusionError | None = None
    try:
        async with asyncio.timeout(timeout_s + GRACE_S):
            while asked:
                done, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    answer = each.exception() or each.result()
                    if answer is None:
                        return
                    if isinstance(answer, Refused):
                        error = answer.error
                    if error and not isinstance(error, PASSING):
                        raise error
    except TimeoutError:
        pass
    raise error or unreachable(shard.partitions)


def partitions_of(shards: Iterable[ShardReplicas]) -> tuple[int, ...]:
    """The partitions of these shards, ascending."""
    return tuple(sorted(partition for each in shards for partition in each.partitions))


def unsearched(shards: Iterable[ShardReplicas], answered: Collection[int], partition_count: int) -> tuple[int, ...]:
    """All partitions of the store but those of the shards with these numbers, ascending."""
    searched = partitions_of(each for each in shards if each.number in answered)
    return tuple(sorted(set(range(partition_count)).difference(searched)))


def unreachable(partitions: Iterable[int]) -> IndexBehind:
    """The error of a search of partitions that no replica answers for; its metadata names up to 64 of them."""
    named = sorted(partitions)
    return IndexBehind(
        f"{len(named)} partitions of the gallery cannot be searched now. Try again in a moment.",
        partitions=",".join(map(str, named[:64])),
    )
