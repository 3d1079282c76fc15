"""The engine of jobs in one process: looks for jobs in the store, keeps them going, and works on their chunks.

Several processes may run one on the same store. Nothing but rows in the store connects them: a process that is killed
leaves leases that expire, and the others, or its successor, go on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from secrets import token_hex

from biometrics.errors import BiofusionError
from fusion.jobs.callbacks.deliveries import Deliveries
from fusion.jobs.job_rows import JobRows
from fusion.jobs.kinds import JobKind
from fusion.jobs.options import JobOptions
from fusion.jobs.values import Job, JobState
from fusion.jobs.witness import JobWitness, Unrecorded
from fusion.jobs.work.keeper import Keeper
from fusion.jobs.work.retention import sweep
from fusion.jobs.work.worker import Worker
from gallery.change_signal import ChangeSignal, wait_for_event
from gallery.ending import end

log = logging.getLogger(__name__)

SWEEP_S = 3600.0
"""Interval, in seconds, of looking for jobs whose time is over; the first look is at the start."""


class JobEngine:
    """Works on jobs between `start` and `close`.

    Args:
        rows: of jobs, in the store.
        kinds: what this process can do; jobs of other kinds are left to others.
        options: workers, leases, pauses.
        deliveries: sends the callbacks; None if this process sends none.
        is_busy: whether online calls wait, for which jobs should.
        clock: returns seconds since 1970.
        witness: keeps a record of jobs; None: nobody does.
    """

    def __init__(
        self,
        rows: JobRows,
        kinds: Sequence[JobKind],
        options: JobOptions,
        deliveries: Deliveries | None = None,
        *,
        is_busy: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
        witness: JobWitness | None = None,
    ) -> None:
        self._witness = witness or Unrecorded()
        self._rows, self._options, self._deliveries, self._clock = rows, options, deliveries, clock
        self.kinds: Mapping[str, JobKind] = {each.name: each for each in kinds}
        self._owner = token_hex(8)
        self._look, self._chunks = ChangeSignal(), ChangeSignal()
        self._jobs: dict[str, Job] = {}
        self._keepers: dict[str, Keeper] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._worker = Worker(rows, self.kinds, options, self.is_stopping, is_busy, clock, self._witness)
        self._tasks: list[asyncio.Task[None]] = []
        self._swept = -SWEEP_S

    def start(self) -> None:
        """Begin; an engine without workers does nothing."""
        if self._options.workers and not self._tasks:
            self._tasks = [asyncio.create_task(self._watch(), name="watch of jobs")]
            self._tasks += [
                asyncio.create_task(self._work(), name="worker of jobs") for _ in range(self._options.workers)
            ]

    def hurry(self) -> None:
        """Look at the store now: a job was made or changed by a call to this process."""
        self._look.notify()

    def is_stopping(self, name: str) -> bool:
        """Whether a job was seen to be stopping at the last look."""
        job = self._jobs.get(name)
        return job is not None and job.is_stopping

    async def close(self) -> None:
        """Stop; chunks that are being worked on are given back, for others to begin again."""
        for task in (*self._tasks, *self._busy.values()):
            await end(task)
        for name, keeper in self._keepers.items():
            with suppress(BiofusionError):  # else the lease expires
                await keeper.release(name)
        self._tasks, self._jobs, self._keepers, self._busy = [], {}, {}, {}

    async def _watch(self) -> None:
        while True:
            event = self._look.next_event
            try:
                await self._looked()
            except BiofusionError as error:
                log.warning("Jobs cannot be looked at: %s", error.message)
            except Exception:
                log.exception("Jobs cannot be looked at")
            await wait_for_event(event, self._options.poll_s)

    async def _looked(self) -> None:
        if self._clock() >= self._swept + SWEEP_S:
            await sweep(self._rows, self._clock(), self._options.retention_s)
            self._swept = self._clock()
        jobs = {each.name: each for each in await self._rows.open_jobs()}
        self._jobs = jobs
        for gone in self._keepers.keys() - jobs.keys():
            await self._keepers.pop(gone).close()
        for job in jobs.values():
            if job.name not in self._busy:
                task = asyncio.create_task(self._tended(job), name="tending of a job")
                self._busy[job.name] = task
                task.add_done_callback(lambda _, name=job.name: self._busy.pop(name, None))  # type: ignore[misc]
        self._chunks.notify()

    async def _tended(self, job: Job) -> None:
        try:
            job = await self._rows.get(job.name)  # it may have been tended to since it was looked at
            if job.state.is_final:
                await self._told(job)
            elif job.kind in self.kinds:
                await self._kept(job)
        except BiofusionError as error:
            log.warning("A job cannot be tended to now: %s", error.message)
        except Exception:
            log.exception("A job cannot be tended to")

    async def _kept(self, job: Job) -> None:
        """Tend to a job; look again at once if that brought it further."""
        if job.name not in self._keepers:
            kind, lease_s = self.kinds[job.kind], self._options.lease_s
            keeper = Keeper(self._rows, kind, self._owner, lease_s, self._clock, self._witness)
            self._keepers[job.name] = keeper
        now = await self._keepers[job.name].tend(job)
        if job.name in self._jobs:
            self._jobs[job.name] = now
        self._chunks.notify()
        if (now.state, now.is_planned, now.total, now.error) != (job.state, job.is_planned, job.total, job.error):
            self._look.notify()

    async def _told(self, job: Job) -> None:
        """Send the callback of a job that has ended; when there is none to be sent, nobody needs to look at it."""
        if not job.callback.is_due:
            await self._rows.unmark(job.name)
        elif self._deliveries is not None:
            await self._deliveries.attempt(job)

    async def _work(self) -> None:
        while True:
            event = self._chunks.next_event
            if not await self._worked():
                await wait_for_event(event, self._options.poll_s)

    async def _worked(self) -> bool:
        """Work on one chunk of the first job that has one; that job comes last the next time."""
        for name, job in list(self._jobs.items()):
            if job.state is not JobState.RUNNING or job.is_stopping or job.kind not in self.kinds:
                continue
            try:
                if await self._worker.work(name):
                    if name in self._jobs:
                        self._jobs[name] = self._jobs.pop(name)
                    self._look.notify()
                    return True
            except BiofusionError as error:
                log.warning("A part of a job cannot be worked on now: %s", error.message)
            except Exception:
                log.exception("A part of a job cannot be worked on")
        return False
