"""Makes snapshots in the background, of the partitions that have changed since their last one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import ceil

from biometrics.errors import BiofusionError, KeyWrong
from biometrics.template import Modality
from gallery.snapshots.folder import SnapshotFolder
from gallery.snapshots.names import prefix_of
from gallery.snapshots.writing import Made, begun_at, make_snapshot
from gallery.store.backend import Held, SnapshotRow
from gallery.store.subject_store import PartitionedStore

log = logging.getLogger(__name__)

ABANDONED_S = 3600.0
"""Seconds after which a run of another process that is not complete is taken as interrupted."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often snapshots are made.

    Args:
        share: a partition gets a new one after changes of this share of its subjects, above 0.
        pause_s: seconds of rest after each.
        round_s: seconds from the end of a round over all partitions to the next.
    """

    share: float = 0.1
    pause_s: float = 1.0
    round_s: float = 60.0


class SnapshotMaker:
    """Makes snapshots of one modality, one at a time. Several processes may each run one for the same store.

    Args:
        store: the store.
        folder: where the files are written.
        modality: whose references.
        partitions: of which snapshots are made; all, if none is named.
        pace: how often.
        clock: the time, in seconds since 1970.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        store: PartitionedStore,
        folder: SnapshotFolder,
        modality: Modality,
        partitions: Sequence[int] = (),
        pace: Pace = Pace(),
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._folder, self._modality, self._partitions = store, folder, modality, partitions
        self._pace, self._clock, self._sleep = pace, clock, sleep

    async def run(self) -> None:
        """Make rounds until cancelled, each after a rest; errors are logged, and the next round tries again."""
        while True:
            await self._sleep(self._pace.round_s)
            try:
                await self.round()
            except BiofusionError as error:
                log.warning("No snapshots are made now: %s", error.message)
            except Exception:  # if the task ended, no snapshots would be made until a restart
                log.exception("No snapshots are made now")

    async def round(self) -> list[Made]:
        """Make a snapshot of each partition that is due, and return those that were made.

        A partition whose keys cannot be used, e.g. as they were destroyed, is left out.

        Raises:
            SnapshotsUnavailable: the folder cannot be used.
            StoreUnavailable, KeyUnavailable: as SubjectStore.
        """
        partitions = self._partitions or range(await self._store.partition_count())
        done: list[Made] = []
        for number, partition in enumerate(partitions, start=1):
            if not await self._is_due(partition):
                continue
            what = f"{self._modality.value} partition {partition} ({number} of {len(partitions)})"
            try:
                done += await self._make(partition, what)
            except KeyWrong as error:
                log.warning("No snapshot of %s is made: %s", what, error.message)
            await self._sleep(self._pace.pause_s)
        return done

    async def _is_due(self, partition: int) -> bool:
        backend = self._store.backend
        count = (await backend.counts(""))[partition]
        rows = await backend.snapshots(self._modality, [partition])
        complete = await self._complete(rows, partition)
        newest = complete[0] if complete else None
        changes = max(1, ceil(self._pace.share * count))
        if newest is not None:
            part = await backend.entries(newest.position, changes)
            if part.held is Held.HELD and len(part.entries) < changes:
                return False
        elif not count:
            return False
        return not any(row not in complete and self._is_under_way(row) for row in rows)

    async def _complete(self, rows: Sequence[SnapshotRow], partition: int) -> list[SnapshotRow]:
        prefix = prefix_of((await self._store.backend.identity()).store_id, partition, self._modality)
        names = await asyncio.to_thread(self._folder.names, prefix) if rows else ()
        return [row for row in rows if row.name in names]

    def _is_under_way(self, row: SnapshotRow) -> bool:
        return abs(self._clock() - begun_at(row)) < ABANDONED_S

    async def _make(self, partition: int, what: str) -> list[Made]:
        begin = time.monotonic()
        made = await make_snapshot(self._store, self._folder, partition, self._modality, clock=self._clock)
        if made is None:
            log.info("Snapshot of %s given up: a subject was erased, or another process makes one", what)
            return []
        seconds = time.monotonic() - begin
        log.info("Snapshot of %s: %d subjects, %d bytes, %.1f s", what, made.subjects, made.size, seconds)
        return [made]
