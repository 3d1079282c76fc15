"""A shard: the index of some partitions, in a process of its own. It does not know Ray, which calls its methods."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import wraps
from secrets import token_hex
from typing import Any, ParamSpec, TypeVar

from biometrics.errors import BiofusionError, IndexBehind, StoreUnavailable
from gallery.cluster.messages import Query, Refused, Screened, ShardHits, ShardSpec, ShardStatus
from gallery.index.exact import ExactIndex
from gallery.index.search.rank import IndexHit
from gallery.index.search.rounds import EVERY_ROW, Round
from gallery.patience import IsWanted
from gallery.store.values import START, ConsistencyToken

P = ParamSpec("P")
T = TypeVar("T")

KEPT_S = 10.0
"""Seconds for which the first half of a search is kept for its second half."""


def _answered(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T | Refused]]:
    @wraps(method)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> T | Refused:
        try:
            return await method(*args, **kwargs)
        except BiofusionError as error:
            return Refused.of(error)

    return answer


class Shard:
    """The index of some partitions. It begins to load when it is first called, and then follows the partitions' feeds.

    A method returns `Refused` in the place of an error of this project.

    Args:
        spec: what it is made of.
    """

    def __init__(self, spec: ShardSpec) -> None:
        self._spec = spec
        self._life = token_hex(4)
        self._pool = ThreadPoolExecutor(spec.callers, thread_name_prefix="search")
        self._store = spec.store.make()
        snapshots = spec.snapshots.make(self._store) if spec.snapshots else None
        self._index = ExactIndex[Any](
            self._store, spec.comparator.make(), partitions=spec.partitions, snapshots=snapshots, **spec.options
        )
        self._task: asyncio.Task[None] | None = None
        self._rounds: dict[str, tuple[float, Round[Any]]] = {}

    async def status(self) -> ShardStatus:
        """The state of the index; starts it, if it is not running."""
        self._start()
        self._forget()
        index = self._index
        return ShardStatus(
            index.is_ready,
            index.is_healthy,
            index.applied,
            index.last_error,
            index.skipped_count,
            index.unreadable_count,
            self._life,
            os.getpid(),
        )

    async def close(self) -> None:
        """End the index, and close the store."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._index.close()
        await self._store.close()
        self._pool.shutdown(wait=False)

    @_answered
    async def count(self, gallery: str) -> int:
        """Number of subjects of the gallery, "" for all, in these partitions. Raises as `Index.count`."""
        return int(self._index.count(gallery))

    @_answered
    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Return when the write that returned this token is searchable. Raises as `Index.wait_for`."""
        self._start()
        await self._index.wait_for(token, timeout_s)

    @_answered
    async def search(self, query: Query) -> ShardHits:
        """The best subjects of these partitions. Raises as `Index.search`."""
        hits = await self._worked(
            query,
            lambda wanted: self._index.search(query.probe, query.position, query.gallery, query.limit, wanted),
        )
        return ShardHits(hits, self._index.count(query.gallery))

    @_answered
    async def score(self, query: Query, subject_ids: Sequence[str]) -> ShardHits:
        """Hits of named subjects of these partitions. Raises as `search`."""
        hits = await self._worked(
            query, lambda wanted: self._index.score_subjects(query.probe, query.position, subject_ids, wanted)
        )
        return ShardHits(hits, 0)

    @_answered
    async def screen(self, query: Query, key: str, wanted_rows: int) -> Screened:
        """First half of a search: the best screening scores. Raises as `search`.

        Args:
            query: the search.
            key: names this search in the call of its second half.
            wanted_rows: number of scores wanted; 0: this shard's fair share, and some more.
        """
        found = await self._worked(query, lambda wanted: self._screened(query, wanted_rows, wanted))
        self._rounds[key] = time.monotonic() + KEPT_S, found
        return Screened(found.scores, found.is_all, found.row_count, found.widest, found.error)

    @_answered
    async def compare(self, query: Query, key: str, floor: float) -> ShardHits:
        """Second half of a search: compare in full the rows whose screening scores reach `floor`. Raises as `search`.

        If this shard did not screen for the search, as its replica did, it screens now.
        """
        _, known = self._rounds.pop(key, (0.0, None))
        hits = await self._worked(query, lambda wanted: self._compared(query, known, floor, wanted))
        return ShardHits(hits, self._index.count(query.gallery))

    def _screened(self, query: Query, wanted_rows: int, wanted: IsWanted) -> Round[Any]:
        found: Round[Any] = self._index.screen(
            query.probe, query.position, query.gallery, query.limit, wanted_rows, wanted
        )
        return found

    def _compared(self, query: Query, known: Round[Any] | None, floor: float, wanted: IsWanted) -> Sequence[IndexHit]:
        if known is None or not known.reaches(floor):
            known = self._screened(query, EVERY_ROW, wanted)
        hits: Sequence[IndexHit] = self._index.compare_screened(known, query.position, query.limit, floor, wanted)
        return hits

    async def _worked(self, query: Query, work: Callable[[IsWanted], T]) -> T:
        """Do the work in a thread; it stops when the time of the query is used up, or its caller cancels it."""
        self._start()
        end = time.monotonic() + query.left_s
        is_left = False
        if query.seen != START:
            await self._index.wait_for(query.seen, query.left_s)

        def is_wanted() -> bool:
            return not is_left and time.monotonic() < end

        try:
            async with self._index.confirmed(START):
                await self._require_same_store()
                return await asyncio.get_running_loop().run_in_executor(self._pool, work, is_wanted)
        finally:
            is_left = True

    async def _require_same_store(self) -> None:
        """Return if the store still has the partitions among which the shards were divided; if it is down, too.

        Raises:
            IndexBehind: it was replaced by one with another number of partitions, so that nobody searches all of them.
        """
        with suppress(StoreUnavailable):
            if await self._store.partition_count() != self._spec.partition_count:
                raise IndexBehind("The store has another number of partitions now. Start the service anew.")

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._index.run(), name="index of a shard")

    def _forget(self) -> None:
        now = time.monotonic()
        self._rounds = {key: (end, each) for key, (end, each) in self._rounds.items() if end > now}
