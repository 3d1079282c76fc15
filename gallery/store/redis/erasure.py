"""Rewrites the append-only file of a Redis server after an erasure, as it holds erased records until then."""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.ending import end
from gallery.store.redis.keys import Keys
from gallery.store.redis.server import RedisServer

log = logging.getLogger(__name__)

DELAY_S = 5.0
"""Seconds from an erasure to the rewrite; erasures in that time share it."""
ASK_S = 0.2
"""Interval, in seconds, of asking whether a running rewrite has ended."""

DELETE_IF = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Rewriting:
    """Rewrites the file in the background.

    An erasure writes the key `erasing`; it is removed after a rewrite that began later. If a process ends in between,
    the next process that connects continues.

    Args:
        server: the server of the file.
        keys: key names of the namespace.
        delay_s: seconds from an erasure to the rewrite.
    """

    def __init__(self, server: RedisServer, keys: Keys, delay_s: float) -> None:
        self._server, self._keys, self._delay_s = server, keys, delay_s
        self._task: asyncio.Task[None] | None = None

    def schedule(self) -> None:
        """Start a rewrite in the background, if data was erased; one rewrite serves several calls."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="rewrite of the store's file", context=Context())

    async def finished(self) -> None:
        """Return when the file holds no erased data any more."""
        self.schedule()
        if self._task is not None:
            await asyncio.shield(self._task)

    async def close(self) -> None:
        """Stop; the next process that connects completes what is left."""
        await end(self._task)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._delay_s)
            try:
                if await self._rewrite():
                    return
            except BiofusionError as error:
                log.warning("The append-only file still holds erased data: %s", error.message)

    async def _rewrite(self) -> bool:
        """Do one rewrite; return whether nothing is left to do."""
        async with self._server.session() as (client, _):
            mark = await client.get(self._keys("erasing"))
            if mark is None:
                return True
            keeps_file = bool((await client.info("persistence"))["aof_enabled"])
            if keeps_file and not await self._begun(client):
                return False
        while keeps_file and not await self._has_ended():  # noqa: ASYNC110 - the server can only be asked
            await asyncio.sleep(ASK_S)
        async with self._server.session() as (client, _):
            await client.eval(DELETE_IF, 1, self._keys("erasing"), mark)
            return not await client.exists(self._keys("erasing"))

    async def _begun(self, client: Redis) -> bool:
        """Start a rewrite; False if one already runs, as it may have copied data that was erased since it began."""
        try:
            await client.bgrewriteaof()
        except ResponseError:
            return False
        return True

    async def _has_ended(self) -> bool:
        async with self._server.session() as (client, _):
            facts = await client.info("persistence")
        if facts["aof_rewrite_in_progress"] or facts["aof_rewrite_scheduled"]:
            return False
        if facts["aof_last_bgrewrite_status"] != "ok":
            raise StoreUnavailable(
                "Redis could not rewrite its append-only file. See its log; the rewrite is tried again."
            )
        return True
