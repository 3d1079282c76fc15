"""Rewriting a Redis server's append-only file, which holds erased records until then."""

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
"""From an erasure to the rewrite: those that come meanwhile share it."""
ASK_S = 0.2
"""How often a rewrite that runs is asked whether it has ended."""

DELETE_IF = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Rewriting:
    """Rewrites after erasures, in the background.

    The `erasing` key is written with an erasure and removed after a rewrite that began later: where a process ends in
    between, the next that connects goes on.

    Args:
        server: whose file it is.
        keys: names of the namespace.
        delay_s: from an erasure to the rewrite.
    """

    def __init__(self, server: RedisServer, keys: Keys, delay_s: float) -> None:
        self._server, self._keys, self._delay_s = server, keys, delay_s
        self._task: asyncio.Task[None] | None = None

    def schedule(self) -> None:
        """Rewrite soon, if something was erased; at once is enough for many."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="rewrite of the store's file", context=Context())

    async def finished(self) -> None:
        """Return when nothing of what has been erased is in the file."""
        self.schedule()
        if self._task is not None:
            await asyncio.shield(self._task)

    async def close(self) -> None:
        """Stop; what is not done is done by whoever connects next."""
        await end(self._task)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._delay_s)
            try:
                if await self._rewrite():
                    return
            except BiofusionError as error:
                log.warning("The append-only file still holds what was erased: %s", error.message)

    async def _rewrite(self) -> bool:
        """One rewrite; whether nothing is left to do."""
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
        """Whether a rewrite begins now: one that runs already may have passed what was erased since."""
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
            raise StoreUnavailable("Redis could not rewrite its append-only file. See its log; it is tried again.")
        return True
