"""Jobs of callers: made, done, listed, cancelled, deleted."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

import pytest

from biometrics.errors import FieldInvalid, JobNotFound, JobUnfinished, RequestIdReused
from fusion.jobs.jobs import Jobs
from fusion.jobs.parts import Counts, RowOutcome
from fusion.jobs.values import Budget, JobState
from fusion.jobs.work.keeper import WINDOW
from gallery.store.documents.port import Documents
from tests.support.jobs.number_kind import NUMBER, effects
from tests.support.jobs.office import OPTIONS, WAIT_S, numbers, office, until

IDLE = replace(OPTIONS, workers=0)


async def test_a_job_is_done_in_parts(documents: Documents) -> None:
    """All rows are in the results in the order of the work, counted by outcome, and the kind sums them up."""
    async with office(documents) as front:
        made = await front.jobs.create(NUMBER, {"rows": 130, "refused": 10})
        ended = await front.jobs.wait(made.name, WAIT_S)
        assert (JobState.DONE, Counts(117, 13), 130, True) == (
            ended.state,
            ended.counts,
            ended.total,
            ended.is_planned,
        )
        rows = await front.results(made.name)
    assert list(range(130)) == numbers(rows)
    assert {"0", "10"} <= {each.key for each in rows if each.outcome is RowOutcome.REFUSED}
    assert {"", "DIVISIBLE"} == {each.reason for each in rows}
    assert ended.create_time <= ended.start_time <= ended.end_time
    assert ended.rate(0) > 0


async def test_a_job_without_rows_is_done(documents: Documents) -> None:
    """An empty source is no error."""
    async with office(documents) as front:
        made = await front.jobs.create(NUMBER, {"rows": 0})
        assert JobState.DONE is (await front.jobs.wait(made.name, WAIT_S)).state
        assert [] == await front.results(made.name)


async def test_a_source_is_planned_as_it_is_worked_on(documents: Documents) -> None:
    """While no row can be done, no more parts are planned than the window holds; then all of them are."""
    async with office(documents) as front:
        front.kind.gate = asyncio.Event()
        made = await front.jobs.create(NUMBER, {"rows": 2 * WINDOW, "per_part": 1})
        await planned(front.jobs, made.name, WINDOW)
        assert WINDOW == len(front.kind.planned)
        front.kind.gate.set()
        assert Counts(2 * WINDOW) == (await front.jobs.wait(made.name, WAIT_S)).counts
        assert 2 * WINDOW == len(front.kind.planned)


async def test_two_processes_share_a_job(documents: Documents) -> None:
    """Engines on one store do each row once."""
    async with office(documents) as one, office(documents):
        made = await one.jobs.create(NUMBER, {"rows": 300, "per_part": 5})
        assert JobState.DONE is (await one.jobs.wait(made.name, WAIT_S)).state
        assert list(range(300)) == numbers(await one.results(made.name))
    assert list(range(300)) == await effects(documents)


async def test_a_repetition_returns_the_job(documents: Documents) -> None:
    """A call that is sent again finds its job; the same request id for another job is refused."""
    async with office(documents, IDLE) as front:
        request_id = str(uuid.uuid4())
        made = await front.jobs.create(NUMBER, {"rows": 1}, request_id)
        assert made == await front.jobs.create(NUMBER, {"rows": 1}, request_id)
        for spec, budget in (({"rows": 2}, None), ({"rows": 1}, Budget(3))):
            with pytest.raises(RequestIdReused):
                await front.jobs.create(NUMBER, spec, request_id, budget=budget)
        assert made.name != (await front.jobs.create(NUMBER, {"rows": 1})).name


async def test_jobs_are_listed(documents: Documents) -> None:
    """A list has every job once, in pages, of one kind and of the states that were asked for."""
    async with office(documents, IDLE) as front:
        made = sorted([(await front.jobs.create(NUMBER, {"rows": n})).name for n in range(25)])
        for name in made[:10]:
            await front.jobs.cancel(name)
        for wanted, states in ((made, ()), (made[:10], [JobState.CANCELLED]), (made[10:], [JobState.QUEUED])):
            found, following, first = list[str](), "", True
            while following or first:
                page = await front.jobs.list(4, following, states=states, kind=NUMBER)
                found, following, first = found + [each.name for each in page.jobs], page.following, False
            assert wanted == found
        assert [] == list((await front.jobs.list(4, kind="other")).jobs)
        following = (await front.jobs.list(4)).following
        for other in ({"kind": NUMBER}, {"states": [JobState.QUEUED]}):
            with pytest.raises(FieldInvalid):
                await front.jobs.list(4, following, **other)  # type: ignore[arg-type]
        for forged in ("x", "é", following[:-4], "AAAA" * 10):
            with pytest.raises(FieldInvalid):
                await front.jobs.list(4, forged)
            with pytest.raises(FieldInvalid):
                await front.jobs.rows(made[0], 4, forged)


async def test_a_cancelled_job_stops_at_the_next_row(documents: Documents) -> None:
    """What was done before is in the results; nothing is done afterwards, and no process looks at the job any more."""
    async with office(documents) as front:
        front.kind.gate = asyncio.Event()
        made = await front.jobs.create(NUMBER, {"rows": 500, "per_part": 100})
        await planned(front.jobs, made.name, 1)
        assert JobState.CANCELLING is (await front.jobs.cancel(made.name)).state

        async def told() -> bool:
            return front.engine.is_stopping(made.name)

        await until(told)
        front.kind.gate.set()
        ended = await front.jobs.wait(made.name, WAIT_S)
        rows = await front.results(made.name)
        assert JobState.CANCELLED is ended.state
        assert ended.counts == Counts(len(rows))
        assert len(rows) <= 2
        assert sorted(numbers(rows)) == await effects(documents)
        assert ended == await front.jobs.cancel(made.name)


async def test_a_job_is_deleted_with_all_its_rows(documents: Documents) -> None:
    """Only a job that has ended can be deleted; then nothing of it is left."""
    async with office(documents) as front:
        front.kind.gate = asyncio.Event()
        made = await front.jobs.create(NUMBER, {"rows": 120, "per_part": 2})
        with pytest.raises(JobUnfinished):
            await front.jobs.delete(made.name)
        front.kind.gate.set()
        await front.jobs.wait(made.name, WAIT_S)
        await front.jobs.delete(made.name)
        for call in (front.jobs.get, front.jobs.delete, front.jobs.cancel, front.jobs.redeliver):
            with pytest.raises(JobNotFound):
                await call(made.name)
    for collection in ("jobs", "jobs-open", "job-chunks", "job-results"):
        assert [] == await documents.list(collection, "", 10)


async def test_jobs_expire(documents: Documents) -> None:
    """An engine that starts removes jobs that ended over 7 days ago, and finds those that nobody marked."""
    now = 1000.0
    async with office(documents, OPTIONS, lambda: now) as front:
        old = await front.jobs.create(NUMBER, {"rows": 3})
        await front.jobs.wait(old.name, WAIT_S)
        now += 24 * 3600
        new = await front.jobs.create(NUMBER, {"rows": 3})
        await front.jobs.wait(new.name, WAIT_S)
    async with office(documents, IDLE, lambda: now) as front:
        lost = await front.jobs.create(NUMBER, {"rows": 3})
        await front.rows.unmark(lost.name)
    now += 6 * 24 * 3600
    async with office(documents, OPTIONS, lambda: now) as front:
        assert JobState.DONE is (await front.jobs.wait(lost.name, WAIT_S)).state
        with pytest.raises(JobNotFound):
            await front.jobs.get(old.name)
        assert JobState.DONE is (await front.jobs.get(new.name)).state


@pytest.mark.parametrize("name", ["", "operations", "operations/", "operations/x", "x" * 600, "\ud800", "open/x"])
async def test_names_that_no_job_has(documents: Documents, name: str) -> None:
    """A name that no job has is not found, whatever it looks like."""
    async with office(documents, IDLE) as front:
        with pytest.raises((JobNotFound, FieldInvalid)):
            await front.jobs.get(name)


async def test_specs_are_checked(documents: Documents) -> None:
    """A kind, spec, budget or callback that cannot be used is named, and no job is made."""
    async with office(documents, IDLE) as front:
        nan = float("nan")
        for kind, spec, budget, url in (
            ("other", {"rows": 1}, Budget(), ""),
            (NUMBER, {}, Budget(), ""),
            (NUMBER, {"rows": 1, "x": "x" * 70000}, Budget(), ""),
            (NUMBER, {"rows": 1, "x": nan}, Budget(), ""),
            (NUMBER, {"rows": 1, "x": {1, 2}}, Budget(), ""),
            (NUMBER, {"rows": 1, "x": "\ud800"}, Budget(), ""),
            (NUMBER, {"rows": 1}, Budget(-2), ""),
            (NUMBER, {"rows": 1}, Budget(share=1.1), ""),
            (NUMBER, {"rows": 1}, Budget(share=nan), ""),
            (NUMBER, {"rows": 1}, Budget(), "https://example.org/"),
        ):
            with pytest.raises(FieldInvalid):
                await front.jobs.create(kind, spec, budget=budget, callback_url=url)
        assert [] == list((await front.jobs.list(10)).jobs)


async def planned(jobs: Jobs, name: str, count: int) -> None:
    """Return when so many rows are planned."""

    async def is_planned() -> bool:
        return (await jobs.get(name)).total >= count

    await until(is_planned)
