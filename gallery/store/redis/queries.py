"""Reads of subjects and receipts in the Redis store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from redis.asyncio import Redis

from gallery.store.redis.keys import Identity, Keys, raw
from gallery.store.redis.writes import receipt_of
from gallery.store.values import START, Before, Receipt

Listed = TypeVar("Listed")

UNPACKED_AT_ONCE = 8
"""Up to this many records are unpacked on the event loop, which takes less time than handing them to a thread."""


async def before(
    client: Redis, keys: Keys, identity: Identity, request_id: str, digest: str, subject_id: str
) -> Before:
    """State of the store before a write.

    Raises:
        RequestIdReused: the request id was used with another digest.
    """
    async with client.pipeline(transaction=True) as pipe:
        pipe.get(keys.request(request_id))
        pipe.exists(keys.named(identity.name(subject_id)))
        known, exists = await pipe.execute()
    if known is None:
        return Before(None, bool(exists))
    wanted = Receipt(request_id, digest, subject_id, "", START)
    return Before(receipt_of(identity, wanted, raw(known), replayed=True).token, bool(exists))


async def read_all(client: Redis, keys: Sequence[str], read: Callable[[bytes], Listed]) -> Sequence[Listed | None]:
    """Apply `read` to the records at these keys, None where there is none; off the event loop if there are many."""
    records = await client.mget(keys)

    def work() -> list[Listed | None]:
        return [read(raw(record)) if record else None for record in records]

    return work() if len(records) <= UNPACKED_AT_ONCE else await asyncio.to_thread(work)
