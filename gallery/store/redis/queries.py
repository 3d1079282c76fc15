"""What the Redis store reads of subjects and receipts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis

from gallery.store.record import unpack
from gallery.store.redis.keys import Identity, Keys, raw
from gallery.store.redis.writes import receipt_of
from gallery.store.values import START, Before, Receipt
from gallery.subject import Subject

UNPACKED_AT_ONCE = 8
"""Up to so many records are unpacked on the event loop: that takes less time than to hand them to a thread."""


async def before(
    client: Redis, keys: Keys, identity: Identity, request_id: str, digest: str, subject_id: str
) -> Before:
    """What a write would meet.

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


async def subjects(client: Redis, keys: Sequence[str]) -> Sequence[Subject | None]:
    """The subjects of the records, None where there is none; unpacked off the event loop where they are many."""
    records = await client.mget(keys)
    if len(records) <= UNPACKED_AT_ONCE:
        return _unpacked(records)
    return await asyncio.to_thread(_unpacked, records)


def _unpacked(records: Sequence[bytes | str | None]) -> list[Subject | None]:
    return [unpack(raw(record)) if record else None for record in records]
