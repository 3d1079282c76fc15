"""Connections to a Redis server: safety check, identity of the store, and translation of its errors."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from biometrics.errors import ConfigurationInvalid, StoreUnavailable, StoreUnsafe
from gallery.store.redis.heartbeat import Heartbeat
from gallery.store.redis.keys import SCHEMA_VERSION, Identity, Keys
from gallery.store.redis.migration import migrate
from gallery.store.redis.safety import SETTING, doubts_of, require_safe

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0
CALL_TIMEOUT_S = 10.0
"""Longest time, in seconds, of one call of the store, if its caller has no earlier deadline and the server does not
hang (`Heartbeat`). The client's own socket timeout is off: it uses `asyncio.wait_for`, which in Python 3.11 can swallow
the cancellation of a waiting reader."""
MAX_CONNECTIONS = 32
"""Most concurrent calls; others wait for a connection."""
CHECK_S = 10.0
"""Interval, in seconds, of checking again that a server in use is safe, as its configuration may change."""
RETRIES = 2
"""How often the client retries a broken connection, after 0.05 s and 0.1 s, before it reports an error."""


class RedisServer:
    """A client that checks the server on every connection it makes.

    Args:
        url: redis:// or rediss://, with the password if there is one.
        keys: key names of the namespace.
        allow_unsafe: accept a server that may lose writes it has acknowledged.
        left_s: returns the seconds left until the deadline of the current call.

    Raises:
        ConfigurationInvalid: the URL cannot be parsed.
    """

    def __init__(self, url: str, keys: Keys, *, allow_unsafe: bool, left_s: Callable[[], float]) -> None:
        self._keys = keys
        self._allow_unsafe = allow_unsafe
        self._left_s = left_s
        self._identity: Identity | None = None
        self.doubts: tuple[str, ...] = ()
        self._url = url
        self._client: Redis = Redis.from_pool(self._new_pool(url, MAX_CONNECTIONS))
        self._calls: Counter[Redis] = Counter()
        self._asking: Redis = Redis.from_pool(self._new_pool(url, 1))
        self._check_at = 0.0
        self._heartbeat = Heartbeat(self._ask)

    @asynccontextmanager
    async def session(self, wait_s: float = 0.0) -> AsyncIterator[tuple[Redis, Identity]]:
        """Context of one call of the store, with the client and the store's identity.

        Args:
            wait_s: seconds that the call may wait for changes, in addition to CALL_TIMEOUT_S.

        Raises:
            StoreUnavailable: the server cannot be reached, refuses, fails, hangs, or takes too long.
            ConfigurationInvalid: the server or its store has a version or configuration that cannot be used.
        """
        seconds = min(wait_s + CALL_TIMEOUT_S, self._left_s())
        try:
            async with self._heartbeat.within(seconds), self._used() as client:
                identity = self._identity or await self.identify()
                yield client, identity
        except (AuthenticationError, NoPermissionError) as error:
            raise StoreUnavailable("Redis refuses the user or password. Check the store URL.") from error
        except (RedisError, OSError) as error:
            raise StoreUnavailable(f"Redis does not answer as it should ({type(error).__name__}).") from error

    async def identify(self) -> Identity:
        """Read the identity of the store; create the store if there is none, and migrate one of version 1.

        Raises:
            ConfigurationInvalid: the store has a newer version.
        """
        key = self._keys("store")
        await self._client.set(key, Identity.new().value, nx=True)
        found = Identity.read(await self._client.get(key))
        if found.version > SCHEMA_VERSION:
            raise ConfigurationInvalid(
                f"The Redis store has schema version {found.version}, and this program knows {SCHEMA_VERSION}. "
                "Use the newer program, or another namespace.",
                schema_version=str(found.version),
            )
        if found.version < SCHEMA_VERSION:
            found = await migrate(self._client, self._keys)
        self._identity = found
        return found

    async def close_idle(self) -> None:
        """Use new connections from now on, as the buffers of the present ones may hold erased data, even if closed."""
        old, self._client = self._client, Redis.from_pool(self._new_pool(self._url, MAX_CONNECTIONS))
        if not self._calls[old]:
            await old.aclose()

    async def close(self) -> None:
        """Close all connections."""
        await self._heartbeat.close()
        await self._client.aclose()
        await self._asking.aclose()

    async def _ask(self) -> None:
        """Send a PING, every CHECK_S over a new, checked connection; if it is unsafe, replace all connections."""
        if time.monotonic() >= self._check_at:
            self._check_at = time.monotonic() + CHECK_S
            await self._asking.connection_pool.disconnect()
        try:
            await self._asking.ping()
        except StoreUnsafe:
            await self.close_idle()
            raise

    @asynccontextmanager
    async def _used(self) -> AsyncIterator[Redis]:
        """The current client; one that has been replaced is closed when the last call that uses it ends."""
        client = self._client
        self._calls[client] += 1
        try:
            yield client
        finally:
            self._calls[client] -= 1
            if not self._calls[client]:
                del self._calls[client]
                if client is not self._client:
                    await client.aclose()

    def _new_pool(self, url: str, connections: int) -> BlockingConnectionPool:
        try:
            return BlockingConnectionPool.from_url(
                url,
                max_connections=connections,
                timeout=CALL_TIMEOUT_S,
                retry=Retry(ExponentialBackoff(cap=0.1, base=0.05), RETRIES),
                socket_timeout=None,
                socket_connect_timeout=CONNECT_TIMEOUT_S,
                redis_connect_func=self._connected,
            )
        except ValueError as error:
            raise ConfigurationInvalid("The Redis URL cannot be read: write redis://HOST:PORT/DATABASE.") from error

    async def _connected(self, connection: Any) -> None:
        """Check a new connection before it is used: the server may be another one, or have another configuration."""
        await connection.on_connect()
        try:
            doubts = await doubts_of(connection)
            if not self._allow_unsafe:
                require_safe(doubts)
        except BaseException:
            await connection.disconnect()
            raise
        if doubts != self.doubts:
            log.warning("The Redis server may lose what it has acknowledged, as %s accepts: %s", SETTING, doubts)
        self.doubts, self._identity = doubts, None
