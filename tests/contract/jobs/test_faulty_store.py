"""Jobs on a store whose calls fail at random, and workers that wait for calls."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from biometrics.errors import DocumentChanged, StoreUnavailable
from fusion.jobs.opening import open_jobs
from fusion.jobs.parts import Counts, RowOutcome
from fusion.jobs.values import JobState
from tests.support.fakes.memory_documents import MemoryDocuments
from tests.support.jobs.faulty_documents import FaultyDocuments
from tests.support.jobs.number_kind import NUMBER, NumberKind, effects
from tests.support.jobs.office import OPTIONS, WAIT_S, numbers, office, until

FAST = replace(OPTIONS, workers=3, lease_s=0.05, poll_s=0.002)


@pytest.mark.parametrize("seed", range(8))
async def test_a_job_survives_a_store_that_fails_at_random(seed: int) -> None:
    """Two processes finish a job although every tenth call fails or misreports: each row once, counts exact."""
    documents = FaultyDocuments(seed)
    documents.is_calm = True
    async with office(documents, FAST) as one, office(documents, FAST):
        made = await one.jobs.create(NUMBER, {"rows": 200, "per_part": 3, "refused": 4})
        documents.is_calm = False

        async def is_over() -> bool:
            try:
                return (await one.jobs.get(made.name)).state.is_final
            except StoreUnavailable:
                return False

        await until(is_over)
        documents.is_calm = True
        ended = await one.jobs.get(made.name)
        assert (JobState.DONE, Counts(150, 50), 200) == (ended.state, ended.counts, ended.total)
        assert list(range(200)) == numbers(await one.results(made.name))
    assert [each for each in range(200) if each % 4] == await effects(documents)


@pytest.mark.parametrize("seed", range(8))
async def test_a_job_is_cancelled_on_a_store_that_fails_at_random(seed: int) -> None:
    """A cancelled job counts exactly the rows that are in its results, each once, and was done no row twice."""
    documents, wanted = FaultyDocuments(seed), 15 * seed
    documents.is_calm = True
    async with office(documents, FAST) as one, office(documents, FAST):
        made = await one.jobs.create(NUMBER, {"rows": 200, "per_part": 3, "refused": 4})
        documents.is_calm = False

        async def is_over() -> bool:
            with suppress(StoreUnavailable, DocumentChanged):
                job = await one.jobs.get(made.name)
                return (await one.jobs.cancel(made.name) if job.counts.rows >= wanted else job).state.is_final
            return False

        await until(is_over)
        documents.is_calm = True
        ended, rows = await one.jobs.get(made.name), await one.results(made.name)
    done = {int(each.key) for each in rows if each.outcome is RowOutcome.DONE}
    kept = await effects(documents)
    assert (JobState.CANCELLED, len(rows)) == (ended.state, ended.counts.rows)
    assert len(rows) == len(set(numbers(rows)))
    assert len(kept) == len(set(kept))
    assert done <= set(kept)


async def test_a_job_waits_for_calls_but_not_for_ever() -> None:
    """While calls wait, a worker waits between rows; on a server that is always busy the job is done as well."""
    documents = MemoryDocuments()
    asked = 0

    def is_busy() -> bool:
        nonlocal asked
        asked += 1
        return asked < 25

    options = replace(OPTIONS, idle_share=0.5)
    jobs, engine = open_jobs(documents, [NumberKind(documents)], options, is_busy=is_busy)
    engine.start()
    made = await jobs.create(NUMBER, {"rows": 3})
    assert JobState.DONE is (await jobs.wait(made.name, WAIT_S)).state
    assert 25 < asked
    await engine.close()
