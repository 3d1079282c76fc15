"""One Redis server: the connection to it, its keys, and its errors in our words."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError, WatchError

from biometrics.errors import ConfigurationInvalid, StoreUnavailable
from gallery.store import START, Receipt

OLDEST_VERSION = 7
SCHEMA_VERSION = 1
CONNECT_TIMEOUT_S = 5.0
CALL_TIMEOUT_S = 10.0
"""How long one call of the store may take in all. The client's own socket timeout is off: it uses
`asyncio.wait_for`, which in Python 3.11 can swallow the cancellation of a waiting reader."""
MAX_CONNECTIONS = 32
"""Calls at once; more of them wait their turn."""
MAX_ATTEMPTS = 64
"""How often a write is tried that other writes of the same keys keep overtaking."""
RETRIES = 2
"""How often the client tries a broken connection anew, 0.05 s and 0.1 s later, before it reports it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of one namespace. The braces are a hash tag: a cluster keeps all of them on one shard.

    store           `<schema version>.<store id>`
    subject:<id>    the record (`record.py`)
    subjects        sorted set of ids, all with score 0, so that it is in order of id
    gallery:<name>  the same, of one gallery
    model:<id>      text of a fusion model
    models          sorted set of their ids, as `subjects`
    request:<id>    msgpack `[digest, subject_id, encounter_id]`, with a time to live
    feed            stream of `k` (kind) and `s` (subject id)
    """

    namespace: str

    def __post_init__(self) -> None:
        if not self.namespace or {"{", "}"} & set(self.namespace):
            raise ConfigurationInvalid("The Redis namespace must not be empty or contain braces.")

    def __call__(self, kind: str, name: str = "") -> str:
        """The key of this kind and name."""
        return f"{{{self.namespace}}}:{kind}:{name}" if name else f"{{{self.namespace}}}:{kind}"

    def ids(self, gallery: str) -> str:
        """The sorted set of the gallery's subjects, of all when it is ""."""
        return self("gallery", gallery) if gallery else self("subjects")


class RedisServer:
    """A client that checks the server at its first use.

    Args:
        url: redis:// or rediss://, with the password if there is one.
        keys: names of the namespace.

    Raises:
        ConfigurationInvalid: the URL cannot be read.
    """

    def __init__(self, url: str, keys: Keys) -> None:
        self._keys = keys
        self._checked = False
        retry = Retry(ExponentialBackoff(cap=0.1, base=0.05), RETRIES)
        try:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=MAX_CONNECTIONS,
                timeout=CALL_TIMEOUT_S,
                retry=retry,
                socket_timeout=None,
                socket_connect_timeout=CONNECT_TIMEOUT_S,
            )
        except ValueError as error:
            raise ConfigurationInvalid("The Redis URL cannot be read: write redis://HOST:PORT/DATABASE.") from error
        self._client: Redis = Redis.from_pool(pool)

    @asynccontextmanager
    async def session(self, wait_s: float = 0.0) -> AsyncIterator[Redis]:
        """The client, for one call of the store that waits up to `wait_s` by intention.

        Raises:
            StoreUnavailable: the server cannot be reached, refuses, fails, or takes too long.
            ConfigurationInvalid: the server, or what is in it, is of a version that cannot be used.
        """
        try:
            async with asyncio.timeout(wait_s + CALL_TIMEOUT_S):
                if not self._checked:
                    await self._check()
                    self._checked = True
                yield self._client
        except (AuthenticationError, NoPermissionError) as error:
            raise StoreUnavailable("Redis refuses the user or password. Check the store URL.") from error
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"Redis does not answer as it should ({type(error).__name__}).") from error

    async def write(self, attempt: Callable[[Pipeline], Awaitable[Receipt]], what: str) -> Receipt:
        """Do a write that reads under WATCH and writes in one MULTI, anew while other writes come between.

        Args:
            attempt: all of it on one pipeline.
            what: is written, for the error.

        Raises:
            StoreUnavailable: as `session`, or others keep coming between.
        """
        async with self.session() as client:
            for number in range(MAX_ATTEMPTS):
                try:
                    async with client.pipeline(transaction=True) as pipe:
                        return await attempt(pipe)
                except WatchError:
                    await asyncio.sleep(random.uniform(0, 0.001) * number)  # noqa: S311 - spreads the retries
        raise StoreUnavailable(f"{what} is being written too often now. Try again.")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _check(self) -> None:
        version = str((await self._client.info("server"))["redis_version"])
        if int(version.split(".", 1)[0]) < OLDEST_VERSION:
            raise ConfigurationInvalid(
                f"The Redis server has version {version}, and {OLDEST_VERSION} or newer is needed.",
                server_version=version,
            )
        await self._client.set(self._keys("store"), new_store(), nx=True)
        schema = raw(await self._client.get(self._keys("store"))).decode().split(".", 1)[0]
        if int(schema) > SCHEMA_VERSION:
            raise ConfigurationInvalid(
                f"The Redis store has schema version {schema}, and this program knows {SCHEMA_VERSION}. "
                "Use the newer program, or another namespace.",
                schema_version=schema,
            )


def raw(value: bytes | str | None) -> bytes:
    """A reply that is bytes, as all are: the client does not decode them."""
    if not isinstance(value, bytes):
        raise ResponseError("a key of the namespace is missing, or of another type")
    return value


def new_store() -> str:
    """What a new store's `store` key holds."""
    return f"{SCHEMA_VERSION}.{secrets.token_hex(4)}"


def store_id(value: bytes) -> str:
    """The store id in the `store` key."""
    return value.decode().split(".")[1]


def pack_receipt(receipt: Receipt) -> bytes:
    """What a `request` key holds. The token is not known before the MULTI is done, so it is not kept."""
    packed: bytes = msgpack.packb([receipt.digest, receipt.subject_id, receipt.encounter_id])
    return packed


def unpack_receipt(request_id: str, value: bytes) -> Receipt:
    """The receipt in a `request` key, with `START` for its token."""
    digest, subject_id, encounter_id = msgpack.unpackb(value)
    return Receipt(request_id, digest, subject_id, encounter_id, START, replayed=True)
