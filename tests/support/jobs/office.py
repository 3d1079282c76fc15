"""Engines and callers of jobs for tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fusion.jobs.job_rows import JobRows
from fusion.jobs.jobs import Jobs
from fusion.jobs.opening import open_jobs
from fusion.jobs.options import JobOptions
from fusion.jobs.parts import Chunk, Row
from fusion.jobs.work.engine import JobEngine
from gallery.store.documents.port import Documents
from tests.support.jobs.number_kind import NumberKind

WAIT_S = 60.0
"""Longest wait for a job; a test that waits so long fails."""
OPTIONS = JobOptions(workers=2, lease_s=30, poll_s=0.05, retry_s=0.001)


@dataclass
class Office:
    """One process that takes calls about jobs and, if it was opened with workers, works on them."""

    jobs: Jobs
    rows: JobRows
    kind: NumberKind
    engine: JobEngine

    async def results(self, name: str) -> list[Row]:
        """All results of a job, read in pages of 7."""
        found, following = list[Row](), ""
        while True:
            page = await self.jobs.rows(name, 7, following)
            found += page.rows
            following = page.following
            if not following:
                return found


@asynccontextmanager
async def office(
    documents: Documents, options: JobOptions = OPTIONS, clock: Callable[[], float] = time.time
) -> AsyncIterator[Office]:
    """Opens an office, and closes it."""
    kind = NumberKind(documents)
    jobs, engine = open_jobs(documents, [kind], options, clock=clock)
    engine.start()
    try:
        yield Office(jobs, JobRows(documents), kind, engine)
    finally:
        await engine.close()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Return when something is so; a test that waits over a minute fails."""
    deadline = time.monotonic() + WAIT_S
    while not await is_so():
        await asyncio.sleep(0.002)
        assert time.monotonic() < deadline


async def first_chunk(rows: JobRows, name: str) -> Chunk:
    """The first chunk of a job that has one."""
    found = await rows.chunk(await rows.get(name), 0)
    assert found is not None
    return found


def numbers(rows: Sequence[Row]) -> list[int]:
    """The keys of rows."""
    return [int(each.key) for each in rows]
