"""Exact 1:N search over one modality in shards on several machines: the adapter of `gallery.index.port.Index`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from math import inf

from biometrics.comparison import Comparator, ScreeningComparator, Stack
from biometrics.errors import StoreUnavailable
from biometrics.template import Position, Template
from gallery.cluster.gather import gather
from gallery.cluster.joining import connect
from gallery.cluster.keeper import Keeper
from gallery.cluster.messages import Query
from gallery.cluster.replicas import ShardReplicas, of_shards
from gallery.cluster.scattered import Scattering, merged
from gallery.cluster.seen import Promised, applied_by_all, parsed, part
from gallery.cluster.sharding import Sharding
from gallery.cluster.waiting import partitions_of, unreachable, unsearched, waited
from gallery.ending import end
from gallery.index.one_model import OneModel
from gallery.index.port import GallerySearch
from gallery.index.search.rank import IndexHit
from gallery.patience import IsWanted, always
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken

log = logging.getLogger(__name__)

RETRY_S = 1.0
"""Seconds until the next attempt, if the cluster cannot be used."""
COUNT_S = 1.0
"""Longest wait, in seconds, for a count."""


class RayIndex(OneModel[Stack]):
    """Index whose references are in shards, each a process with some of the partitions, with replicas.

    A search asks one replica of every shard, and another one if the first is late or fails. Its result equals that of
    one `ExactIndex` over all partitions. Partitions that no replica searched in time are named (`search_reachable`), or
    the search fails (`search`): no result is partial without saying so. The shards end with this process.

    Args:
        store: the store of the subjects.
        comparator: compares; the index is of its modality.
        sharding: how it is spread.
        left_s: returns the seconds left until the deadline of the current call.
    """

    def __init__(
        self,
        store: SubjectStore,
        comparator: Comparator[Stack],
        sharding: Sharding,
        left_s: Callable[[], float] = lambda: inf,
    ) -> None:
        super().__init__(comparator)
        self._store, self._sharding = store, sharding
        self._keeper, self._promised = Keeper(sharding.needs, self._changed), Promised()
        share = comparator.screened_share if isinstance(comparator, ScreeningComparator) else 0.0
        self._scattering = Scattering(sharding.exhaustive_rows, share, self._promised.of, left_s)
        self._partition_count, self._applied = 0, START
        self._counts: dict[tuple[str, int], int] = {}
        self._error = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether every partition has a replica that is ready."""
        return self._keeper.is_ready

    @property
    def is_healthy(self) -> bool:
        """As `Index.is_healthy`, of a replica of every partition."""
        return self.is_ready and all(each.is_healthy for each in self.shards)

    @property
    def last_error(self) -> str:
        """Why the cluster cannot be used, or why a replica cannot follow the store; "" if all can."""
        return self._error or next((each.last_error for each in self.shards if each.last_error), "")

    @property
    def skipped_count(self) -> int:
        """See Index."""
        return sum(each.highest("skipped_count") for each in self.shards)

    @property
    def unreadable_count(self) -> int:
        """See Index."""
        return sum(each.highest("unreadable_count") for each in self.shards)

    @property
    def applied(self) -> ConsistencyToken:
        """Token of the newest changes that all ready replicas have applied; partitions that have none are left out."""
        return self._applied

    @property
    def shards(self) -> list[ShardReplicas]:
        """The shards with their replicas and their states."""
        return self._keeper.shards

    async def start(self) -> None:
        """See Index; waits for all replicas. Raises ConnectionError if there is no cluster at the address."""
        await self._place()
        self._task = asyncio.create_task(self.run(), name=f"shards of {self._comparator.modality}")
        await self._keeper.until(self._keeper.is_whole)

    async def run(self) -> None:
        """See Index."""
        while True:
            try:
                await self._place()
                self._error = ""
                await self._keeper.run()
            except Exception as error:
                self._error = f"The cluster cannot be used: {error}"
                log.exception("The shards are not kept.")
                await asyncio.sleep(RETRY_S)

    async def close(self) -> None:
        """End the shards. The store and the connection to the cluster stay."""
        task, self._task = self._task, None
        await end(task)
        await self._keeper.close()

    def leave(self, nodes: Sequence[str]) -> None:
        """Move all shards away from these machines (ids of Ray), so that they can be taken out of the cluster."""
        self._keeper.leave(nodes)

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """See Index. Only the shards of the token's partitions are asked."""
        if token == START or self._store.reached(self._applied, token):
            return
        wanted = parsed(token).of
        shards = [each for each in self.shards if not set(each.partitions).isdisjoint(wanted)]
        await asyncio.gather(*(waited(each, part(token, each.partitions), timeout_s) for each in shards))
        self._promised.add(token)

    async def require_gallery(self, gallery: str) -> None:
        """See Index."""
        if not await asyncio.to_thread(self.count, gallery):
            with suppress(StoreUnavailable):
                await self._store.count(gallery)

    @asynccontextmanager
    async def confirmed(self, token: ConsistencyToken) -> AsyncIterator[None]:
        """See Index. Each shard checks its own part of a search; here the token is checked."""
        yield
        if token != START:
            await self._store.check(token)

    def search(
        self, probe: Template, position: Position, gallery: str, limit: int, is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """See Index."""
        found = self.search_reachable(probe, position, gallery, limit, is_wanted)
        if found.unsearched:
            raise unreachable(found.unsearched)
        return found.hits

    def search_reachable(
        self,
        probe: Template,
        position: Position,
        gallery: str,
        limit: int,
        is_wanted: IsWanted = always,
        others: Sequence[Template] = (),
    ) -> GallerySearch:
        """See Index; it holds references of one model, so all other templates are refused."""
        self._comparator.stack([probe, *others])
        query = Query(probe, position, gallery, max(1, limit), 0.0)
        with self._keeper.lease() as shards:
            found = self._promised.kept(lambda: self._scattering.search(query, shards, is_wanted))
            self._counts.update({(gallery, number): each.subject_count for number, each in found.answers.items()})
            count = sum(self._counts.get((gallery, each.number), 0) for each in shards)
        if not found.answers:
            raise found.error or unreachable(range(self._partition_count))
        hits = merged(list(found.answers.values()), max(0, limit))
        return GallerySearch(hits, max(count, len(hits)), unsearched(shards, found.answers, self._partition_count))

    def score_subjects(
        self, probe: Template, position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """See Index. Only the shards of these subjects' partitions are asked."""
        self._comparator.stack([probe])
        query = Query(probe, position, "", len(subject_ids), 0.0)
        with self._keeper.lease() as shards:
            if not self._keeper.is_placed:
                raise unreachable(range(self._partition_count))
            by_shard = of_shards(subject_ids, shards, self._partition_count)
            own = [each for each in shards if each.number in by_shard]
            found = self._promised.kept(
                lambda: self._scattering.score(query, lambda s: by_shard[s.number], own, is_wanted)
            )
        if found.missing:
            raise found.error or unreachable(partitions_of(found.missing))
        return merged(list(found.answers.values()), len(subject_ids))

    def count(self, gallery: str) -> int:
        """See Index. Asks all shards; for one that does not answer within 1 s, the last known count is taken."""
        with self._keeper.lease() as shards:
            found = gather(shards, lambda _, r: r.actor.count.remote(gallery), time.monotonic() + COUNT_S)
            self._counts.update({(gallery, number): count for number, count in found.answers.items()})
            known = [self._counts.get((gallery, each.number)) for each in shards]
        if not self._keeper.is_placed or None in known:
            raise found.error or unreachable(partitions_of(found.missing))
        return sum(filter(None, known))

    async def _place(self) -> None:
        await asyncio.to_thread(connect, self._sharding.address)
        self._partition_count = await self._store.partition_count()
        await self._keeper.place(self._sharding.specs(self._partition_count))

    def _changed(self) -> None:
        self._applied = applied_by_all(self._keeper.shards)
