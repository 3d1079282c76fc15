"""Migration of a Redis store from schema version 1 to 2: keyed names of records, hashed receipts, a new feed."""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
from redis.asyncio import Redis
from redis.exceptions import WatchError

from gallery.store.keyed_names import request_hash
from gallery.store.redis.keys import Identity, Keys, raw
from gallery.store.tokens import NO_MARK

PAGE = 500


async def migrate(client: Redis, keys: Keys) -> Identity:
    """Migrate the store and return its new identity; an interrupted migration is continued.

    No program of version 1 may write meanwhile. Several of version 2 may migrate at once: each step is idempotent.
    """
    await client.set(keys("migration"), Identity.new().value, nx=True)
    begun = await client.get(keys("migration"))
    if begun is not None:  # None: another process has just finished
        identity = Identity.read(begun)
        await _subjects(client, keys, identity)
        await _requests(client, keys)
        await _finish(client, keys, identity)
    return Identity.read(await client.get(keys("store")))


async def _subjects(client: Redis, keys: Keys, identity: Identity) -> None:
    cursor = 0
    page: Any
    while True:
        cursor, page = await client.zscan(keys("subjects"), cursor, count=PAGE)
        async with client.pipeline(transaction=False) as pipe:
            for subject_id in (raw(member).decode() for member, _ in page):
                pipe.renamenx(keys("subject", subject_id), keys.named(identity.name(subject_id)))
            await pipe.execute(raise_on_error=False)  # keys that another process has renamed are missing
        if not cursor:
            return


async def _requests(client: Redis, keys: Keys) -> None:
    async for key in client.scan_iter(match=_escaped(keys("request", "*")), count=PAGE):
        request_id = raw(key).decode().removeprefix(keys("request") + ":")
        async with client.pipeline(transaction=True) as pipe:
            pipe.get(key)
            pipe.pttl(key)
            value, ttl_ms = await pipe.execute()
        if "-" not in request_id or value is None:
            continue  # already migrated: a name is hexadecimal without "-", a request id is a UUID
        digest = _digest(value)
        async with client.pipeline(transaction=True) as pipe:
            receipt = request_hash(request_id, digest) + f"{NO_MARK}0-0".encode()
            pipe.set(keys.request(request_id), receipt, px=max(1, ttl_ms))
            pipe.delete(key)
            await pipe.execute()


async def _finish(client: Redis, keys: Keys, identity: Identity) -> None:
    galleries = [name async for name in client.scan_iter(match=_escaped(keys("gallery", "*")), count=PAGE)]
    async with client.pipeline(transaction=True) as pipe:
        try:
            await pipe.watch(keys("store"))
            if Identity.read(await pipe.get(keys("store"))).version == identity.version:
                return
            pipe.multi()  # type: ignore[no-untyped-call]  # redis-py has no hint here
            for name in galleries:
                pipe.sadd(keys("galleries"), raw(name).decode().removeprefix(keys("gallery") + ":"))
            pipe.delete(keys("feed"), keys("migration"))
            pipe.set(keys("erasing"), NO_MARK)
            pipe.set(keys("store"), identity.value)
            await pipe.execute()
        except WatchError:
            return  # another process has finished


def _digest(value: Any) -> str:
    digest, _, _ = msgpack.unpackb(value)
    return str(digest)


def _escaped(pattern: str) -> str:
    return pattern.replace("[", "\\[").replace("?", "\\?")
