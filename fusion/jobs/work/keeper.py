"""Plans, settles and ends one job. The process that holds the job's lease does it; the others only work on chunks."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from biometrics.errors import BiofusionError, DeadlineExpired, DocumentChanged, Overloaded, Unavailable
from fusion.jobs.codec import ChunkRows, json_bytes
from fusion.jobs.job_rows import JobRows
from fusion.jobs.kinds import JobKind
from fusion.jobs.parts import Chunk, ChunkState, Counts, Lease, Part
from fusion.jobs.values import Job, JobError, JobState
from fusion.jobs.witness import JobWitness
from fusion.jobs.work.heartbeat import released

log = logging.getLogger(__name__)

WINDOW = 64
"""Most chunks between the first unfinished one and the last planned one."""
MAX_PLACE_BYTES = 512 * 1024
MAX_SUMMARY_BYTES = 256 * 1024
"""Where a store of 4,096 partitions is takes 130 kB; a place may have two of them, a summary one."""
PASSING = (Unavailable, Overloaded, DeadlineExpired)
"""Errors that time repairs: what raised one is tried again."""


class Keeper:
    """Keeps one job going. Call `tend` again and again.

    Args:
        rows: of jobs, in the store.
        kind: of the job.
        owner: id of this process.
        lease_s: seconds for which a lease is taken.
        clock: returns seconds since 1970.
        witness: keeps a record.
    """

    def __init__(
        self,
        rows: JobRows,
        kind: JobKind,
        owner: str,
        lease_s: float,
        clock: Callable[[], float],
        witness: JobWitness,
    ) -> None:
        self._rows, self._kind, self._owner, self._lease_s, self._clock = rows, kind, owner, lease_s, clock
        self._witness = witness
        self._parts: AsyncGenerator[Part, None] | None = None
        self._planned = -1

    async def tend(self, job: Job) -> Job:
        """Do what is to be done for the job now, and return it as it then is; nothing if another process keeps it.

        Raises:
            Unavailable: the store does not answer.
        """
        if job.state.is_final or not job.lease.is_free(self._owner, self._clock()):
            return job
        try:
            return await self._tended(await self._held(job))
        except DocumentChanged:
            await self.close()  # another process, or a call, changed the job: what is planned here may be outdated
            return await self._rows.get(job.name)

    async def release(self, name: str) -> None:
        """Leave the job to any other process, as this one ends."""
        await self.close()

        def without(job: Job) -> Job:
            return replace(job, lease=Lease()) if job.lease.owner == self._owner else job

        await self._rows.change(name, without)

    async def close(self) -> None:
        """Forget where the plan was."""
        parts, self._parts = self._parts, None
        if parts is not None:
            await parts.aclose()

    async def _held(self, job: Job) -> Job:
        """The job with a lease that lasts for most of its time, begun if it was not."""
        now = self._clock()
        wanted = job
        if job.lease.owner != self._owner or job.lease.expiry < now + self._lease_s * 2 / 3:
            wanted = replace(wanted, lease=Lease(self._owner, now + self._lease_s))
        if job.state is JobState.QUEUED:
            wanted = replace(wanted, state=JobState.RUNNING, start_time=now, status_detail="")
            await self._witness.started(wanted)
        return wanted if wanted == job else await self._rows.put(wanted)

    async def _tended(self, job: Job) -> Job:
        told, chunks = settled(job, await self._rows.chunks(job, job.settled, WINDOW))
        if told.budget.is_exceeded(told.counts):
            told = replace(told, error=told.error or _over_budget(told))
        if job.is_stopping:
            return await self._stopped(told, chunks)
        if not told.is_stopping:
            told = await self._extended(told, chunks)
        if job.is_planned and not told.is_stopping and not chunks:
            told = await self._finished(told)
        return told if told == job else await self._written(told)

    async def _written(self, job: Job) -> Job:
        if job.state.is_final:
            await self._witness.ended(job)
        return await self._rows.put(job)

    async def _extended(self, job: Job, chunks: Sequence[Chunk]) -> Job:
        """Plan chunks until the window is full."""
        try:
            while not job.is_planned and len(chunks) < WINDOW:
                last = await self._last(job, chunks)
                part = await self._next(job, last)
                if part is None:
                    return replace(job, is_planned=True)
                chunks = [*chunks, await self._put(job, part, last)]
                job = replace(job, total=chunks[-1].planned_before + part.rows)
        except DocumentChanged:
            raise
        except Exception as error:  # noqa: BLE001 - of any kind of job; it becomes the job's
            await self.close()
            return _troubled(job, error)
        return job

    async def _last(self, job: Job, chunks: Sequence[Chunk]) -> Chunk | None:
        if chunks:
            return chunks[-1]
        return await self._rows.chunk(job, job.settled - 1) if job.settled else None

    async def _next(self, job: Job, last: Chunk | None) -> Part | None:
        number = last.number + 1 if last else 0
        if self._parts is None or self._planned != number:
            await self.close()
            self._parts, self._planned = self._kind.plan(job, last.part if last else None), number
        part = await anext(self._parts, None)
        self._planned += 1
        if part is not None:
            json_bytes(part.place, "place", MAX_PLACE_BYTES)
        return part

    async def _put(self, job: Job, part: Part, last: Chunk | None) -> Chunk:
        number, before = (last.number + 1, last.planned_before + last.part.rows) if last else (0, 0)
        return await self._rows.put_chunk(job, Chunk(number, part, before))

    async def _finished(self, job: Job) -> Job:
        if job.budget.is_exceeded(job.counts, is_end=True):
            return ended(replace(job, error=_over_budget(job)), JobState.FAILED, self._clock())
        try:
            summary = dict(await self._kind.finish(job))
            json_bytes(summary, "summary", MAX_SUMMARY_BYTES)
        except Exception as error:  # noqa: BLE001 - of any kind of job; it becomes the job's
            return _troubled(job, error)
        return ended(replace(job, summary=summary), JobState.DONE, self._clock())

    async def _stopped(self, job: Job, chunks: Sequence[Chunk]) -> Job:
        """End a job that is to stop, when no worker is within a chunk any more."""
        now = self._clock()
        busy = any(each.state is ChunkState.OPEN and not each.lease.is_free("", now) for each in chunks)
        if not busy:
            finished = [await self._closed(job, each) for each in chunks]
            job = replace(job, counts=sum(finished, job.settled_counts))
            job = ended(job, JobState.FAILED if job.error else JobState.CANCELLED, now)
        return await self._written(job)

    async def _closed(self, job: Job, chunk: Chunk) -> Counts:
        """The final counts of a chunk that no worker has. A worker whose lease expired writes no results after this."""
        if chunk.state is not ChunkState.OPEN or not chunk.attempts:
            return chunk.counts
        results = await self._rows.put_results(job, chunk.number, ChunkRows((), is_cut=True))
        await self._rows.put_chunk(job, replace(released(chunk), state=ChunkState.CUT, counts=results.counts))
        return results.counts


def settled(job: Job, chunks: Sequence[Chunk]) -> tuple[Job, Sequence[Chunk]]:
    """The job with the chunks that are finished at the window's beginning settled; and the other chunks."""
    finished = 0
    while finished < len(chunks) and chunks[finished].state is not ChunkState.OPEN:
        finished += 1
    sure = sum((each.counts for each in chunks[:finished]), job.settled_counts)
    left = chunks[finished:]
    counts: Counts = sum((each.counts for each in left), sure)
    total = max([job.total, *(each.planned_before + each.part.rows for each in chunks[-1:])])
    return replace(job, settled=job.settled + finished, settled_counts=sure, counts=counts, total=total), left


def ended(job: Job, state: JobState, now: float) -> Job:
    """The job at its end; whoever wants to be told of it is."""
    callback = replace(job.callback, is_due=bool(job.callback.url), next_time=now)
    return replace(job, state=state, end_time=now, status_detail="", callback=callback, lease=Lease())


def failure(error: Exception) -> JobError:
    """What a job that an error ends says of it; an error of another library is told in the log only."""
    if isinstance(error, BiofusionError):
        return JobError(error.reason, error.message)
    log.error("A job met an internal error", exc_info=error)
    return JobError("INTERNAL", "An internal error. It is logged by the process that worked on the job.")


def _troubled(job: Job, error: Exception) -> Job:
    if isinstance(error, PASSING):
        return replace(job, status_detail=f"Waiting: {error.message}")
    return replace(job, error=failure(error))


def _over_budget(job: Job) -> JobError:
    return JobError(
        "FAILURE_BUDGET_EXCEEDED",
        f"{job.counts.refused} of {job.counts.rows} rows were refused, more than the job allows. See their reasons.",
    )
