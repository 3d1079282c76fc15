"""Exact 1:N search over one modality in shards on several machines: the adapter of `gallery.index.port.Index`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from math import inf
from typing import Any, Generic

from biometrics.comparison import Comparator, ScreeningComparator, Stack
from biometrics.errors import BiofusionError, IndexBehind, StoreSetBack, StoreUnavailable
from biometrics.template import Position, Template
from gallery.cluster import keeper
from gallery.cluster.gather import PASSING, Gathered, gather
from gallery.cluster.importable import Importable
from gallery.cluster.keeper import Keeper
from gallery.cluster.messages import Query, Refused, ShardSpec
from gallery.cluster.placement import Needs
from gallery.cluster.plan import partitions_of_shards
from gallery.cluster.replicas import ShardReplicas
from gallery.cluster.scattered import Scattering, merged
from gallery.cluster.seen import Promised, applied_by_all, parsed, part
from gallery.ending import end
from gallery.index.port import GallerySearch
from gallery.index.search.compare import EXHAUSTIVE_ROWS
from gallery.index.search.rank import IndexHit
from gallery.partitions import partition_of
from gallery.patience import IsWanted, always
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken

COUNT_S = 1.0
"""Longest wait, in seconds, for a count."""


@dataclass(frozen=True)
class Sharding:
    """How an index is spread over machines.

    Args:
        address: of the Ray cluster: "auto", or host:port of its head.
        shard_count: number of shards; 2 to 4 for each machine, so that they can be spread evenly.
        needs: what each replica of a shard needs.
        store: opens the store on any machine of the cluster.
        comparator: makes the comparator there.
        segment_size: as in `ExactIndex`.
        threads: as in `ExactIndex`, for each shard.
        exhaustive_rows: as in `ExactIndex`.
    """

    address: str
    shard_count: int
    needs: Needs
    store: Importable
    comparator: Importable
    segment_size: int = 4096
    threads: int = 1
    exhaustive_rows: int = EXHAUSTIVE_ROWS


class RayIndex(Generic[Stack]):
    """Index whose references are in shards, each a process with some of the partitions, with replicas.

    A search asks one replica of every shard, and another one if the first is late or fails. Its result equals that of
    one `ExactIndex` over all partitions. Partitions that no replica searched in time are named (`search_reachable`), or
    the search fails (`search`): no result is partial without saying so.

    The shards belong to this object and end with its process.

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
        self._store, self._comparator, self._sharding = store, comparator, sharding
        self._keeper = Keeper(sharding.needs, self._changed)
        self._promised = Promised()
        share = comparator.screened_share if isinstance(comparator, ScreeningComparator) else 0.0
        self._scattering = Scattering(sharding.exhaustive_rows, share, self._promised.of, left_s)
        self._partition_count = 0
        self._applied = START
        self._counts: dict[tuple[str, int], int] = {}
        self._error = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether every partition has a replica that is ready."""
        return self._keeper.is_ready

    @property
    def is_healthy(self) -> bool:
        """Whether every partition has a replica that is ready and has not dropped its copy in the last 3 s."""
        shards = self._keeper.shards
        return bool(shards) and all(
            any(each.status and each.status.is_healthy for each in shard.replicas) for shard in shards
        )

    @property
    def last_error(self) -> str:
        """Why the cluster cannot be used, or why a replica cannot follow the store; "" if all can."""
        states = [each.status for shard in self._keeper.shards for each in shard.replicas]
        return self._error or next((each.last_error for each in states if each and each.last_error), "")

    @property
    def skipped_count(self) -> int:
        """See Index."""
        return self._sum("skipped_count")

    @property
    def unreadable_count(self) -> int:
        """See Index."""
        return self._sum("unreadable_count")

    @property
    def applied(self) -> ConsistencyToken:
        """Token of the newest changes that all ready replicas have applied; partitions that have none are left out."""
        return self._applied

    @property
    def shards(self) -> list[ShardReplicas]:
        """The shards with their replicas and their states."""
        return self._keeper.shards

    async def start(self) -> None:
        """See Index. Raises Ray's ConnectionError if there is no cluster at the address."""
        await self._place()
        self._task = asyncio.create_task(self._keeper.run(), name=f"shards of {self._comparator.modality}")
        await self._keeper.wait_until_ready()

    async def wait_until_whole(self) -> None:
        """Return when all replicas of all shards are ready."""
        await self._keeper.wait_until_whole()

    async def run(self) -> None:
        """See Index."""
        while True:
            try:
                await self._place()
                self._error = ""
                await self._keeper.run()
            except (ConnectionError, StoreUnavailable) as error:
                self._error = f"The cluster cannot be used: {type(error).__name__}"
                await asyncio.sleep(1.0)

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
        shards = [each for each in self._keeper.shards if not set(each.partitions).isdisjoint(wanted)]
        await asyncio.gather(*(_waited(each, part(token, each.partitions), timeout_s) for each in shards))
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
            raise _unreachable(found.unsearched)
        return found.hits

    def search_reachable(
        self, probe: Template, position: Position, gallery: str, limit: int, is_wanted: IsWanted = always
    ) -> GallerySearch:
        """See Index."""
        self._comparator.stack([probe])
        query = Query(probe, position, gallery, max(1, limit), 0.0)
        with self._keeper.lease() as shards:
            found = self._asked(lambda: self._scattering.search(query, shards, is_wanted))
            self._counts.update({(gallery, number): each.subject_count for number, each in found.answers.items()})
            count = sum(self._counts.get((gallery, each.number), 0) for each in shards)
        if not found.answers:
            raise found.error or _unreachable(range(self._partition_count))
        hits = merged(list(found.answers.values()), max(0, limit))
        return GallerySearch(hits, max(count, len(hits)), _partitions(found.missing))

    def score_subjects(
        self, probe: Template, position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """See Index. Only the shards of these subjects' partitions are asked."""
        self._comparator.stack([probe])
        query = Query(probe, position, "", len(subject_ids), 0.0)
        with self._keeper.lease() as shards:
            if not shards:
                raise _unreachable(())
            by_shard = self._by_shard(subject_ids, shards)
            own = [each for each in shards if each.number in by_shard]
            found = self._asked(
                lambda: self._scattering.score(query, lambda shard: by_shard[shard.number], own, is_wanted)
            )
        if found.missing:
            raise found.error or _unreachable(_partitions(found.missing))
        return merged(list(found.answers.values()), len(subject_ids))

    def count(self, gallery: str) -> int:
        """See Index. Asks all shards; for one that does not answer within 1 s, the last known count is taken."""
        with self._keeper.lease() as shards:
            found = gather(shards, lambda _, r: r.actor.count.remote(gallery), time.monotonic() + COUNT_S)
            self._counts.update({(gallery, number): count for number, count in found.answers.items()})
            known = [self._counts.get((gallery, each.number)) for each in shards]
        counts = [each for each in known if each is not None]
        if not shards or len(counts) < len(known):
            raise found.error or _unreachable(_partitions(found.missing))
        return sum(counts)

    async def _place(self) -> None:
        await asyncio.to_thread(keeper.connect, self._sharding.address)
        self._partition_count = await self._store.partition_count()
        sharding = self._sharding
        parts = partitions_of_shards(self._partition_count, sharding.shard_count)
        options = {name: getattr(sharding, name) for name in ("segment_size", "threads", "exhaustive_rows")}
        specs = [ShardSpec(each, sharding.store, sharding.comparator, options) for each in parts]
        await self._keeper.place(specs)

    def _asked(self, work: Callable[[], Gathered]) -> Gathered:
        try:
            return work()
        except (
            StoreSetBack
        ) as error:  # a write that callers were told of is lost; those with its token are told by `check`
            self._promised.forget()
            raise IndexBehind("The store was set back to an earlier state. Try again in a moment.") from error

    def _by_shard(self, subject_ids: Sequence[str], shards: Sequence[ShardReplicas]) -> dict[int, list[str]]:
        shard_of = {partition: each.number for each in shards for partition in each.partitions}
        found: dict[int, list[str]] = {}
        for subject_id in dict.fromkeys(subject_ids):
            found.setdefault(shard_of[partition_of(subject_id, self._partition_count)], []).append(subject_id)
        return found

    def _sum(self, count: str) -> int:
        """The sum over all shards of what a replica's state says."""
        shards = [[getattr(one.status, count) for one in each.replicas if one.status] for each in self._keeper.shards]
        return sum(max(counts, default=0) for counts in shards)

    def _changed(self) -> None:
        self._applied = applied_by_all(self._keeper.shards)


async def _waited(shard: ShardReplicas, token: ConsistencyToken, timeout_s: float) -> None:
    """Return when a replica has applied the token.

    Raises:
        IndexBehind: none has within `timeout_s`.
        StoreSetBack, FieldInvalid: as `Index.wait_for`.
    """
    asked: set[asyncio.Future[Any]] = {
        asyncio.wrap_future(each.actor.wait_for.remote(token, timeout_s).future()) for each in shard.in_turn()
    }
    error: BiofusionError | None = None
    try:
        async with asyncio.timeout(timeout_s + COUNT_S):
            while asked:
                done, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    answer = each.exception() or each.result()
                    if answer is None:
                        return
                    if isinstance(answer, Refused):
                        error = answer.error
                    if error and not isinstance(error, PASSING):
                        raise error
    except TimeoutError:
        pass
    raise error or _unreachable(shard.partitions)


def _partitions(shards: Iterable[ShardReplicas]) -> tuple[int, ...]:
    return tuple(sorted(partition for each in shards for partition in each.partitions))


def _unreachable(partitions: Iterable[int]) -> IndexBehind:
    named = sorted(partitions)
    return IndexBehind(
        f"{len(named)} partitions of the gallery cannot be searched now. Try again in a moment.",
        partitions=",".join(map(str, named[:64])),
    )
