"""Rewrites the append-only files of Redis after keys were destroyed, as they hold what was written before."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from contextvars import Context

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.ending import end
from gallery.store.redis.connections.node import Endpoint
from gallery.store.redis.connections.nodes import Nodes
from gallery.store.redis.connections.plain import ask
from gallery.store.redis.connections.safety import facts_of
from gallery.store.redis.keys import Keys
from gallery.store.redis.scripts import DELETE_IF

log = logging.getLogger(__name__)

DELAY_S = 5.0
"""Seconds from a destruction to the rewrite; those in that time share it."""
ASK_S = 0.2
"""Interval, in seconds, of asking whether a running rewrite has ended."""


class Rewriting:
    """Rewrites the files in the background, of every server that has a partition in which keys were destroyed.

    A destruction writes the key `rewriting` of its partition; it is removed when the primary and its replicas have
    rewritten their files. If a process ends in between, the next process that opens the table continues.

    Args:
        nodes: the servers.
        keys: key names of the namespace.
        delay_s: seconds from a destruction to the rewrite.
    """

    def __init__(self, nodes: Nodes, keys: Keys, delay_s: float) -> None:
        self._nodes, self._keys, self._delay_s = nodes, keys, delay_s
        self._partitions: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def schedule(self, partitions: Sequence[int]) -> None:
        """Start a rewrite in the background, if keys were destroyed in these partitions; one serves several calls."""
        self._partitions.update(partitions)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="rewrite of the key table's files", context=Context())

    async def finished(self) -> None:
        """Return when no file holds a key that was destroyed before."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def close(self) -> None:
        """Stop; the next process that opens the table completes what is left."""
        await end(self._task)

    async def _run(self) -> None:
        while self._partitions:
            await asyncio.sleep(self._delay_s)
            try:
                marks = await self._marks()
                if marks:
                    await self._rewrite(marks)
            except (BiofusionError, RedisError, OSError) as error:
                log.warning("The append-only files of Redis still hold destroyed keys: %s", error)

    async def _marks(self) -> Mapping[int, bytes]:
        """The marks of the partitions where keys were destroyed; the others need nothing more."""
        asked = sorted(self._partitions)
        marks = await self._nodes.run([(each, ("GET", self._keys(each, "rewriting"))) for each in asked])
        found = {partition: mark for partition, mark in zip(asked, marks, strict=True) if mark is not None}
        self._partitions.difference_update(set(asked) - found.keys())
        return found

    async def _rewrite(self, marks: Mapping[int, bytes]) -> None:
        of: dict[Endpoint, list[int]] = defaultdict(list)
        for partition in marks:
            of[(await self._nodes.node(partition)).endpoint].append(partition)
        for primary, partitions in of.items():
            for endpoint in (primary, *await self._replicas(primary)):
                if not await rewrite_file(lambda where=endpoint: self._nodes.plain(where)):  # type: ignore[misc]
                    log.warning(
                        "A Redis server forbids BGREWRITEAOF: destroyed keys stay in its file until it rewrites it."
                    )
            for each in partitions:
                await self._nodes.write(each, DELETE_IF([self._keys(each, "rewriting")], [marks[each]]))

    async def _replicas(self, primary: Endpoint) -> list[Endpoint]:
        async with aclosing(self._nodes.plain(primary)) as client:
            facts = facts_of(await ask(client, "INFO", "replication"))
        lines = [value for name, value in facts.items() if name.startswith("slave") and name[5:].isdigit()]
        parts = [dict(pair.split("=", 1) for pair in line.split(",")) for line in lines]
        return [(each["ip"], int(each["port"])) for each in parts]


async def rewrite_file(connect: Callable[[], Redis]) -> bool:
    """Have a server rewrite its append-only file, and return when it is done; False if it forbids that.

    Raises:
        StoreUnavailable: it could not; RedisError, OSError: it does not answer.
    """
    async with aclosing(connect()) as client:
        if not await _state(client, "aof_enabled"):
            return True
        try:
            while not await _begun(client):  # noqa: ASYNC110 - the server can only be asked
                await asyncio.sleep(ASK_S)
        except NoPermissionError:
            return False
        while await _state(client, "aof_rewrite_in_progress", "aof_rewrite_scheduled"):  # noqa: ASYNC110
            await asyncio.sleep(ASK_S)
        if not await _state(client, "aof_last_bgrewrite_status"):
            raise StoreUnavailable("Redis could not rewrite its append-only file. See its log; it is tried again.")
    return True


async def _begun(client: Redis) -> bool:
    """Start a rewrite; False if one already runs, as it may have copied keys that were destroyed since it began."""
    try:
        await ask(client, "BGREWRITEAOF")
    except NoPermissionError:
        raise
    except ResponseError as error:
        if "unknown command" in str(error):
            raise NoPermissionError(str(error)) from error
        return False
    return True


async def _state(client: Redis, *names: str) -> bool:
    """Whether one of these facts of the server is 1 or ok."""
    facts = facts_of(await ask(client, "INFO", "persistence"))
    return any(facts.get(name) in ("1", "ok") for name in names)
