"""Jobs in trouble: refused rows, errors, workers that are lost or slow."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from biometrics.errors import StoreUnavailable
from fusion.jobs.job_rows import JobRows
from fusion.jobs.parts import Lease
from fusion.jobs.values import Budget, JobState
from gallery.store.documents.port import Documents
from tests.support.jobs.number_kind import NUMBER
from tests.support.jobs.office import OPTIONS, WAIT_S, first_chunk, office, until

IDLE = replace(OPTIONS, workers=0)


async def test_too_many_refusals_end_a_job(documents: Documents) -> None:
    """Beyond its budget a job FAILED, and keeps its results; within it, it is done."""
    async with office(documents) as front:
        for budget, state in (
            (Budget(9), JobState.FAILED),
            (Budget(10), JobState.DONE),
            (Budget(share=0.09), JobState.FAILED),
            (Budget(share=0.1), JobState.DONE),
            (Budget(0), JobState.FAILED),
        ):
            made = await front.jobs.create(NUMBER, {"rows": 100, "refused": 10, "per_part": 10}, budget=budget)
            ended = await front.jobs.wait(made.name, WAIT_S)
            assert state is ended.state, budget
            assert ended.counts.rows == len(await front.results(made.name))
            if state is JobState.FAILED:
                assert ended.error is not None
                assert "FAILURE_BUDGET_EXCEEDED" == ended.error.reason


async def test_an_error_of_a_kind_fails_the_job_after_five_times(documents: Documents) -> None:
    """A part is tried five times; what the error says of its insides is not in the job."""
    async with office(documents) as front:
        front.kind.troubles = [ValueError("inside")] * 4
        made = await front.jobs.create(NUMBER, {"rows": 20})
        assert JobState.DONE is (await front.jobs.wait(made.name, WAIT_S)).state
        front.kind.troubles = [ValueError("inside")] * 5
        made = await front.jobs.create(NUMBER, {"rows": 20})
        ended = await front.jobs.wait(made.name, WAIT_S)
        assert ended.error is not None
        assert (JobState.FAILED, "INTERNAL") == (ended.state, ended.error.reason)
        assert "inside" not in ended.error.message


async def test_what_does_not_answer_is_waited_for(documents: Documents) -> None:
    """Errors that time repairs count towards no limit."""
    async with office(documents) as front:
        front.kind.troubles = [StoreUnavailable("down")] * 3 + [ValueError("inside")] * 4
        made = await front.jobs.create(NUMBER, {"rows": 20})
        assert JobState.DONE is (await front.jobs.wait(made.name, WAIT_S)).state


async def test_a_lease_that_expires_is_taken_over(documents: Documents) -> None:
    """A part whose worker was lost is begun again when its lease expires, and not before."""
    now = 1000.0
    async with office(documents, replace(OPTIONS, workers=1), lambda: now) as front:
        front.kind.gate = asyncio.Event()
        made = await front.jobs.create(NUMBER, {"rows": 20})
        rows = JobRows(documents)
        await begun(rows, made.name)
    assert Lease() == (await first_chunk(rows, made.name)).lease  # given back at the end of the process
    job, chunk = await rows.get(made.name), await first_chunk(rows, made.name)
    await rows.put_chunk(job, replace(chunk, lease=Lease("lost", now + 30)))
    await rows.put(replace(job, lease=Lease()))
    async with office(documents, OPTIONS, lambda: now) as front:
        assert JobState.RUNNING is (await front.jobs.wait(made.name, 0.3)).state
        now += 31
        assert JobState.DONE is (await front.jobs.wait(made.name, WAIT_S)).state
    assert 1 == (await first_chunk(rows, made.name)).losses


async def test_a_slow_worker_keeps_its_lease(documents: Documents) -> None:
    """Heartbeats renew the lease of a row that takes several times as long, and nobody else begins the part."""
    fast = replace(OPTIONS, lease_s=0.3)
    async with office(documents, fast) as slow, office(documents, fast) as other:
        slow.kind.gate = other.kind.gate = asyncio.Event()
        made = await slow.jobs.create(NUMBER, {"rows": 1})
        first = await renewed(slow.rows, made.name, 0)
        last = await renewed(slow.rows, made.name, first + 1.0)
        assert last > first + 1.0
        assert 1 == (await first_chunk(slow.rows, made.name)).attempts
        slow.kind.gate.set()
        assert JobState.DONE is (await slow.jobs.wait(made.name, WAIT_S)).state
    assert 1 == (await first_chunk(slow.rows, made.name)).attempts


async def test_a_part_that_ends_processes_fails_its_job(documents: Documents) -> None:
    """A part within which 21 processes were lost is not begun again."""
    async with office(documents, IDLE) as front:
        made = await front.jobs.create(NUMBER, {"rows": 1})
    async with office(documents) as front:
        front.kind.gate = asyncio.Event()
        await begun(front.rows, made.name)
    chunk = await first_chunk(front.rows, made.name)
    await front.rows.put_chunk(made, replace(chunk, losses=20, lease=Lease("lost", 1.0)))
    async with office(documents) as front:
        ended = await front.jobs.wait(made.name, WAIT_S)
    assert ended.error is not None
    assert (JobState.FAILED, "CHUNK_ABANDONED") == (ended.state, ended.error.reason)


async def begun(rows: JobRows, name: str) -> None:
    """Return when a worker has a lease of the first part."""

    async def is_begun() -> bool:
        found = await rows.chunk(await rows.get(name), 0)
        return found is not None and bool(found.lease.owner)

    await until(is_begun)


async def renewed(rows: JobRows, name: str, after: float) -> float:
    """The expiry of the first part's lease, once it is later than this."""

    async def is_renewed() -> bool:
        found = await rows.chunk(await rows.get(name), 0)
        return found is not None and found.lease.expiry > after

    await until(is_renewed)
    return (await first_chunk(rows, name)).lease.expiry
