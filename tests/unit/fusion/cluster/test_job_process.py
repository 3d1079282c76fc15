"""A process that works on jobs for others: what it is opened with, and when it gives its work back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from biometrics.errors import StoreUnavailable
from fusion.bulk.importing import ImportKind
from fusion.cluster.job_process import JobProcess, JobProcessStatus
from fusion.jobs.values import JobState
from fusion.jobs.work.engine import JobEngine
from tests.support.jobs.bulk_office import bulk_office
from tests.support.jobs.office import WAIT_S
from tests.support.jobs.rows_of_faces import manifest_of_faces


async def test_a_process_works_from_its_first_status_on(tmp_path: Path) -> None:
    """It says why it cannot work as long as it cannot; then it does the jobs that others have made, until its end."""
    errors = ["The store does not answer."]
    async with bulk_office(tmp_path, ImportKind) as bulk:
        await bulk.engine.close()

        @asynccontextmanager
        async def opened() -> AsyncIterator[JobEngine]:
            if errors:
                raise StoreUnavailable(errors.pop())
            yield bulk.engine
            await bulk.engine.close()

        process = JobProcess(opened)
        job = await bulk.jobs.create("import", manifest_of_faces(bulk.folder, 3))
        assert JobProcessStatus(os.getpid(), "The store does not answer.") == await process.status()
        assert JobProcessStatus(os.getpid()) == await process.status() == await process.status()
        assert JobState.DONE is (await bulk.jobs.wait(job.name, WAIT_S)).state
        await process.close()
        late = await bulk.jobs.create("import", manifest_of_faces(bulk.folder, 3))
        assert JobState.QUEUED is (await bulk.jobs.wait(late.name, 0.2)).state
