"""Processes that are killed while they work on a job: every row is in the results once, and none is done twice."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from dataclasses import replace

from fusion.jobs.parts import Counts
from fusion.jobs.values import JobState
from gallery.store.documents.port import Documents
from tests.support.jobs.number_kind import NUMBER, effects
from tests.support.jobs.office import OPTIONS, WAIT_S, numbers, office

ROWS = 1000
KILLS = 10


def done_until_killed(place: list[str], count: int) -> int:
    """Rows that a process told before it was killed, once it had told `count`."""
    command = [sys.executable, "-m", "tests.support.jobs.working_process", *place]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as working:
        assert working.stdout is not None
        lines = [working.stdout.readline() for _ in range(count)]
        working.kill()
    return len([each for each in lines if each])


async def test_a_job_survives_ten_kills(place: list[str], documents: Documents) -> None:
    """After ten kills within 1,000 rows, the next process finishes the job: each row once, in order, done once."""
    rng = random.Random(10)
    async with office(documents, replace(OPTIONS, workers=0)) as front:
        job = await front.jobs.create(NUMBER, {"rows": ROWS})
        for _ in range(KILLS):
            count = rng.randrange(1, 80)
            assert count == await asyncio.to_thread(done_until_killed, place, count)
            assert not (await front.jobs.get(job.name)).state.is_final
        async with office(documents, replace(OPTIONS, lease_s=0.5)):
            ended = await front.jobs.wait(job.name, WAIT_S)
        assert (JobState.DONE, Counts(ROWS), ROWS) == (ended.state, ended.counts, ended.total)
        assert {"rows": ROWS} == ended.summary
        assert list(range(ROWS)) == numbers(await front.results(job.name))
    assert list(range(ROWS)) == await effects(documents)
