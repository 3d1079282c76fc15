"""Whether a request was carried out before, by its receipt in the Redis store: asked ahead of every write."""

from __future__ import annotations

from redis.asyncio import Redis

from gallery.store.redis.keys import Identity, Keys, raw
from gallery.store.redis.writes import receipt_of
from gallery.store.values import START, Before, Receipt


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
