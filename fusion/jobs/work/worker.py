"""Works on chunks: takes a lease, does the rows, and writes their results once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from secrets import token_hex
from time import perf_counter

from biometrics.errors import BiofusionError, DocumentChanged
from fusion.jobs.codec import MAX_ROWS, ChunkRows, counted, rows_bytes
from fusion.jobs.job_rows import JobRows
from fusion.jobs.kinds import Context, JobKind
from fusion.jobs.options import JobOptions
from fusion.jobs.parts import Chunk, ChunkState, Counts, Lease, Row
from fusion.jobs.values import Job, JobError
from fusion.jobs.witness import JobWitness
from fusion.jobs.work.heartbeat import Heartbeat, released
from fusion.jobs.work.keeper import PASSING, WINDOW, failure

MAX_FAILURES = 5
"""How often a chunk may raise an error before its job fails."""
MAX_LOSSES = 20
"""How often a process may end within one chunk before its job fails, as the chunk may be what ends it."""
MAX_WAIT_S = 30.0
"""Longest time before a chunk is tried again."""
LEAST_WORK_S = 0.001
"""Rows that are done in less time have a pause together, unless online calls wait."""
BUSY_S = 0.05
MOST_BUSY = 20
"""A row waits at most 20 times 0.05 s for online calls, so that a job proceeds on a server that is always busy."""


class Worker:
    """Works on one chunk at a time.

    Args:
        rows: of jobs, in the store.
        kinds: by name.
        options: lease and pauses.
        is_stopping: whether a job, by its name, is known to be stopping.
        is_busy: whether online calls wait, for which a job should.
        clock: returns seconds since 1970.
        witness: keeps a record.
    """

    def __init__(
        self,
        rows: JobRows,
        kinds: Mapping[str, JobKind],
        options: JobOptions,
        is_stopping: Callable[[str], bool],
        is_busy: Callable[[], bool],
        clock: Callable[[], float],
        witness: JobWitness,
    ) -> None:
        self._witness = witness
        self._rows, self._kinds, self._options, self._clock = rows, kinds, options, clock
        self._is_stopping, self._is_busy = is_stopping, is_busy

    async def work(self, name: str) -> bool:
        """Work on a chunk of this job; False if none is to be had.

        Raises:
            Unavailable: the store does not answer.
        """
        job = await self._rows.get(name)
        if job.is_stopping:
            return False
        taking = asyncio.create_task(self._taken(job), name="taking of a chunk")
        try:
            chunk = await asyncio.shield(taking)
            if chunk is None:
                return False
            await self._carried_out(await self._rows.get(name), chunk)
        except asyncio.CancelledError:
            with suppress(BiofusionError):  # else the lease expires
                if chunk := await taking:  # which is in the store, whether or not this task was told
                    await self._release(job, chunk)
            raise
        return True

    async def _taken(self, job: Job) -> Chunk | None:
        """A chunk with a lease of this worker, or None."""
        now = self._clock()
        for chunk in await self._rows.chunks(job, job.settled, WINDOW):
            if chunk.state is ChunkState.OPEN and chunk.not_before <= now and chunk.lease.is_free("", now):
                taken = replace(
                    chunk,
                    lease=Lease(token_hex(8), now + self._options.lease_s),
                    attempts=chunk.attempts + 1,
                    losses=chunk.losses + bool(chunk.lease.owner),
                    counts=Counts(),
                )
                with suppress(DocumentChanged):
                    return await self._rows.put_chunk(job, taken)
        return None

    async def _carried_out(self, job: Job, chunk: Chunk) -> None:
        """Do the chunk. The job was read after the lease was taken: who ends it sees the lease, or is seen here."""
        if job.is_stopping:
            await self._release(job, chunk)
            return
        results = await self._rows.results(job, chunk.number) if chunk.attempts > 1 else None
        if results is None and chunk.losses > MAX_LOSSES:
            await self._fail(job, _lost(chunk))
            await self._release(job, chunk)
            return
        try:
            results = results or await self._results(job, chunk)
        except Exception as error:  # noqa: BLE001 - of any kind of job; it becomes the job's
            await self._failed(job, chunk, error)
            return
        if results is not None:
            results = await self._rows.put_results(job, chunk.number, results)
            await self._witness.worked(job, chunk.number, results)
            await self._close(job, chunk, results)

    async def _results(self, job: Job, chunk: Chunk) -> ChunkRows | None:
        """The rows of a chunk, some of them if the job is stopped; None if another worker has taken the chunk over."""
        done: list[Row] = []
        is_cut = False
        rows = self._kinds[job.kind].work(chunk.part, Context(job, chunk.number))
        async with (
            Heartbeat(self._rows, job, chunk, self._options.lease_s, self._clock) as beat,
            aclosing(rows) as work,
        ):
            begun = perf_counter()
            async for row in work:
                rows_bytes(ChunkRows((row,)))
                done.append(row)
                beat.counts += counted(row)
                if len(done) > MAX_ROWS:
                    rows_bytes(ChunkRows(tuple(done)))
                if beat.is_lost:
                    break
                if self._is_stopping(job.name):
                    is_cut = True
                    break
                if (worked_s := perf_counter() - begun) >= LEAST_WORK_S or self._is_busy():
                    await self._pause(worked_s)
                    begun = perf_counter()
        return None if beat.is_lost else ChunkRows(tuple(done), is_cut)

    async def _pause(self, worked_s: float) -> None:
        """Let online calls go first."""
        share = self._options.idle_share
        await asyncio.sleep(worked_s * share / (1 - share))
        for _ in range(MOST_BUSY):
            if not self._is_busy():
                return
            await asyncio.sleep(BUSY_S)

    async def _close(self, job: Job, chunk: Chunk, results: ChunkRows) -> None:
        state = ChunkState.CUT if results.is_cut else ChunkState.DONE
        await self._change(job, chunk, lambda own: replace(released(own), state=state, counts=results.counts))

    async def _failed(self, job: Job, chunk: Chunk, error: Exception) -> None:
        failures = chunk.failures + (not isinstance(error, PASSING))
        wait = min(MAX_WAIT_S, self._options.retry_s * 2.0 ** min(chunk.attempts, 20))
        later = self._clock() + wait
        if failures >= MAX_FAILURES:
            await self._fail(job, failure(error))
        await self._change(job, chunk, lambda own: replace(released(own), failures=failures, not_before=later))

    async def _fail(self, job: Job, error: JobError) -> None:
        await self._rows.change(
            job.name, lambda own: own if own.state.is_final else replace(own, error=own.error or error)
        )

    async def _release(self, job: Job, chunk: Chunk) -> None:
        await self._change(job, chunk, released)

    async def _change(self, job: Job, chunk: Chunk, by: Callable[[Chunk], Chunk]) -> None:
        """Change the newest version of a chunk, unless it is finished or another worker's."""
        while True:
            found = await self._rows.chunk(job, chunk.number)
            if found is None or found.state is not ChunkState.OPEN:
                return
            if found.lease.owner != chunk.lease.owner and by(found).state is ChunkState.OPEN:
                return
            with suppress(DocumentChanged):
                await self._rows.put_chunk(job, by(found))
                return


def _lost(chunk: Chunk) -> JobError:
    return JobError(
        "CHUNK_ABANDONED",
        f"{chunk.losses} processes ended while they worked on part {chunk.number} of the job. See their logs.",
    )
