"""One Redis server: checked connections, shared round trips, confirmed writes, and translation of its errors."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import count, cycle
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from biometrics.errors import StoreUnavailable, StoreUnsafe
from gallery.store.redis.connections.access import Access, Demands
from gallery.store.redis.connections.commands import Command, send
from gallery.store.redis.connections.confirmation import confirmation, unconfirmed
from gallery.store.redis.connections.heartbeat import Heartbeat
from gallery.store.redis.connections.packing import PackingConnection, PackingSSLConnection
from gallery.store.redis.connections.safety import REPLICA, SETTING, doubts_of, require_safe
from gallery.store.shared_reads import SharedReads

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0
CALL_TIMEOUT_S = 10.0
"""Longest time, in seconds, of one call of the store, if its caller has no earlier deadline and the server does not
hang (`Heartbeat`). The client's own socket timeout is off: it uses `asyncio.wait_for`, which in Python 3.11 can swallow
the cancellation of a waiting reader."""
MAX_CONNECTIONS = 32
"""Most concurrent round trips; others wait for a connection."""
CHECK_S = 10.0
"""Interval, in seconds, of checking again that a server in use is safe, as its configuration may change."""
LANES = 2
"""Round trips of writes at once: while the server carries out and syncs one, the next is made."""
RETRIES = 2
"""How often the client retries a broken connection, after 0.05 s and 0.1 s, before it reports an error."""

_generations = count(1)

Endpoint = tuple[str, int]
Answered = Sequence[Any]


class Node:
    """A client of one server, which is checked on every connection.

    `generation` changes with each new connection, as the server behind it may hold another store; 0: there was none.

    Args:
        endpoint: host and port.
        database: number of the database.
        access: who connects; `tls` whether by TLS.
        demands: what the server must do to keep writes.
        left_s: returns the seconds left until the deadline of the current call.
        is_current: returns whether a server still has its slots; asked for every connection, as another one may have
            taken over. None if no other one can.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        database: int,
        access: Access,
        demands: Demands,
        left_s: Callable[[], float],
        is_current: Callable[[Endpoint], Awaitable[bool]] | None = None,
        *,
        tls: bool,
    ) -> None:
        self._is_current = is_current
        self.endpoint, self._database, self._access, self._tls = endpoint, database, access, tls
        self._demands, self._left_s = demands, left_s
        self.generation = 0
        self.doubts: tuple[str, ...] = ()
        self._client: Redis | None = None
        self._calls: Counter[Redis] = Counter()
        self._asking: Redis | None = None
        self._check_at = 0.0
        self._heartbeat = Heartbeat(self._ask)
        lanes: list[SharedReads[Command, Any]] = [SharedReads(self._write) for _ in range(LANES)]
        self._lanes = cycle(lanes)
        self._reads: SharedReads[Command, Any] = SharedReads(self._send)

    async def run(self, commands: Sequence[Command], *, is_write: bool = False) -> Answered:
        """Send commands in a round trip of their own, and return their answers; redirections and refusals too.

        A write is confirmed when this returns, as the demands say.

        Raises:
            StoreUnavailable: the server cannot be reached, fails, hangs, or takes too long.
            ConfigurationInvalid: the server has a version or configuration that cannot be used.
        """
        with translated():
            async with asyncio.timeout(min(CALL_TIMEOUT_S, self._left_s())):
                return await (self._write(commands) if is_write else self._send(commands))

    async def read(self, command: Command) -> Any:
        """The answer to one command that shares its round trip with other callers'. Raises as `run`, and its error."""
        return await self._shared(self._reads, command)

    async def write(self, command: Command) -> Any:
        """Likewise for a write; when this returns, the write is confirmed as the demands say.

        Raises:
            StoreUnavailable: also if it was carried out, and not confirmed.
        """
        return await self._shared(next(self._lanes), command)

    async def close_idle(self) -> None:
        """Use new connections from now on, as the buffers of the present ones may hold erased data, even if closed."""
        old, self._client = self._client, None
        if old is not None and not self._calls[old]:
            await old.aclose()

    async def close(self) -> None:
        """Close all connections, also those that have been replaced and are still used."""
        await self._heartbeat.close()
        for client in {each for each in (self._client, self._asking, *self._calls) if each is not None}:
            await client.aclose()

    async def _shared(self, lane: SharedReads[Command, Any], command: Command) -> Any:
        with translated():
            async with asyncio.timeout(min(CALL_TIMEOUT_S, self._left_s())):
                return await lane.answer(command)

    async def _send(self, commands: Sequence[Command]) -> Answered:
        async with self._heartbeat.within(CALL_TIMEOUT_S), self._used() as client:
            return await send(client, commands)

    async def _write(self, commands: Sequence[Command]) -> Answered:
        if not self._demands.replicas:
            return await self._send(commands)
        *answers, confirmed = await self._send([*commands, confirmation(self._demands)])
        error = unconfirmed(confirmed, self._demands)
        return answers if error is None else [each if isinstance(each, Exception) else error for each in answers]

    async def _ask(self) -> None:
        """Send a PING, every CHECK_S over a new, checked connection; if it is unsafe, replace all connections."""
        if self._asking is None:
            self._asking = Redis.from_pool(self._new_pool(1))
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
        if self._client is None:
            self._client = Redis.from_pool(self._new_pool(MAX_CONNECTIONS))
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

    def _new_pool(self, connections: int) -> BlockingConnectionPool:
        host, port = self.endpoint
        return BlockingConnectionPool(
            connection_class=PackingSSLConnection if self._tls else PackingConnection,
            host=host,
            port=port,
            db=self._database,
            max_connections=connections,
            timeout=CALL_TIMEOUT_S,
            retry=Retry(ExponentialBackoff(cap=0.1, base=0.05), RETRIES),
            socket_timeout=None,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            redis_connect_func=self._connected,
            **self._access.options(tls=self._tls),
        )

    async def _connected(self, connection: Any) -> None:
        """Check a new connection before it is used: the server may be another one, or have another configuration."""
        await connection.on_connect()
        try:
            doubts = await doubts_of(connection, self._demands)
            await self._require_current(doubts)
            if not self._demands.allow_unsafe:
                require_safe(doubts)
        except BaseException:
            await connection.disconnect()
            raise
        if doubts != self.doubts:
            log.warning("The Redis server may lose what it has acknowledged, as %s accepts: %s", SETTING, doubts)
        self.doubts = doubts
        self.generation = next(_generations)

    async def _require_current(self, doubts: tuple[str, ...]) -> None:
        if self._is_current and (REPLICA in doubts or not await self._is_current(self.endpoint)):
            raise ConnectionError


@contextmanager
def translated() -> Iterator[None]:
    """Context in which errors of Redis and of the network become StoreUnavailable."""
    try:
        yield
    except (AuthenticationError, NoPermissionError) as error:
        raise StoreUnavailable(
            "Redis refuses the user or password. Check BIOFUSION_REDIS_USER and BIOFUSION_REDIS_PASSWORD_FILE."
        ) from error
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"Redis does not answer as it should ({type(error).__name__}).") from error
