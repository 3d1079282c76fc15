"""Jobs that are worked on in processes of a Ray cluster."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray")

from biometrics.errors import ConfigurationInvalid
from fusion.bulk.importing import ImportKind
from fusion.bulk.work.outcomes import Detail
from fusion.cluster.ray_workers import Needs, RayWorkers
from fusion.jobs.parts import RowOutcome
from fusion.jobs.values import JobState
from tests.support.cluster.working import imports
from tests.support.jobs.bulk_office import bulk_office, everybody
from tests.support.jobs.office import WAIT_S
from tests.support.jobs.rows_of_faces import manifest_of_faces

ROWS = 500
COUNT = 2


async def until(holds: Callable[[], Any]) -> None:
    """Return when a condition holds."""
    async with asyncio.timeout(45):
        while not holds():  # noqa: ASYNC110  # processes of a cluster signal nothing
            await asyncio.sleep(0.05)


async def test_an_import_in_processes_of_a_cluster_of_which_one_is_killed(ray_cluster: Any, tmp_path: Path) -> None:
    """Parts are done in the cluster's processes; one is killed amid a part and replaced; every row counts once."""

    def held() -> set[int]:
        return {int(each.name.removeprefix("held-")) for each in tmp_path.glob("held-*")}

    workers = RayWorkers("auto", Needs(COUNT, cpus=0.1), partial(imports, str(tmp_path)))
    async with bulk_office(tmp_path, ImportKind) as bulk:
        await bulk.engine.close()  # this process only takes calls
        made = await bulk.jobs.create("import", manifest_of_faces(bulk.folder, ROWS))
        workers.start()
        try:
            await until(lambda: len(held()) == COUNT)
            first = held()
            assert {each.process_id for each in workers.states.values()} == first
            killed = min(first)
            os.kill(killed, signal.SIGKILL)
            (tmp_path / "go").touch()
            job = await bulk.jobs.wait(made.name, WAIT_S)
            await until(lambda: len({each.process_id for each in workers.states.values()} - {killed}) == COUNT)
        finally:
            await workers.close()
        results = await bulk.results(made.name)
        people = await everybody(bulk.store)
    assert JobState.DONE is job.state, job.error
    assert list(range(1, ROWS + 1)) == [Detail.of(each).number for each in results]
    assert {RowOutcome.DONE: ROWS} == Counter(each.outcome for each in results)
    assert [f"p{number:04}" for number in range(ROWS)] == [each.subject_id for each in people]
    await until(lambda: not [each for each in first if Path(f"/proc/{each}").exists()])


async def test_processes_that_cannot_work_say_why(
    ray_cluster: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A process whose machine cannot open what it works with is kept, and asked again; the log says what is wrong."""
    workers = RayWorkers("auto", Needs(1, cpus=0.1), partial(cannot, "The folder of jobs is not here."))
    workers.start()
    try:
        await until(lambda: workers.states)
    finally:
        await workers.close()
    assert ["A process on the cluster cannot work on jobs: The folder of jobs is not here."] == caplog.messages


def cannot(message: str) -> Any:
    """Opens nothing."""
    raise ConfigurationInvalid(message)
