"""Renews the lease of a chunk while it is worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from biometrics.errors import BiofusionError, DocumentChanged
from fusion.jobs.job_rows import JobRows
from fusion.jobs.parts import Chunk, ChunkState, Counts, Lease
from fusion.jobs.values import Job
from gallery.ending import end

BEATS = 3
"""How often a lease is renewed before it would expire."""


class Heartbeat:
    """Context in which the lease is renewed, and the counts so far are told.

    `chunk` is the newest version that was written. `is_lost` says that another worker has the chunk: the lease had
    expired, as this process was suspended, or the store did not answer.

    Args:
        rows: of jobs, in the store.
        job: whose chunk it is.
        chunk: with a lease of this worker.
        lease_s: seconds for which it is renewed.
        clock: returns seconds since 1970.
    """

    def __init__(self, rows: JobRows, job: Job, chunk: Chunk, lease_s: float, clock: Callable[[], float]) -> None:
        self._rows, self._job, self._lease_s, self._clock = rows, job, lease_s, clock
        self.chunk, self.counts, self.is_lost = chunk, Counts(), False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._beat(), name="heartbeat of a chunk")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await end(self._task)

    async def _beat(self) -> None:
        while not self.is_lost:
            await asyncio.sleep(self._lease_s / BEATS)
            try:
                await self._renew()
            except DocumentChanged:
                await self._look()
            except BiofusionError:
                continue  # the store does not answer; nobody else can take the chunk either

    async def _renew(self) -> None:
        lease = replace(self.chunk.lease, expiry=self._clock() + self._lease_s)
        self.chunk = await self._rows.put_chunk(self._job, replace(self.chunk, lease=lease, counts=self.counts))

    async def _look(self) -> None:
        """The row has another version: it was taken over, or a write of this worker was repeated on the way."""
        try:
            found = await self._rows.chunk(self._job, self.chunk.number)
        except BiofusionError:
            return
        if found is None or found.state is not ChunkState.OPEN or found.lease.owner != self.chunk.lease.owner:
            self.is_lost = True
        else:
            self.chunk = found


def released(chunk: Chunk) -> Chunk:
    """The chunk without a lease, so that any worker may begin it at once."""
    return replace(chunk, lease=Lease(), counts=Counts())
