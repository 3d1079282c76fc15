"""Opens the jobs of a store in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from fusion.jobs.callbacks.deliveries import Deliveries
from fusion.jobs.job_rows import JobRows
from fusion.jobs.jobs import Jobs
from fusion.jobs.kinds import JobKind
from fusion.jobs.options import JobOptions
from fusion.jobs.witness import JobWitness
from fusion.jobs.work.engine import JobEngine
from gallery.store.documents.port import Documents


def open_jobs(
    documents: Documents,
    kinds: Sequence[JobKind],
    options: JobOptions,
    *,
    is_busy: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.time,
    witness: JobWitness | None = None,
) -> tuple[Jobs, JobEngine]:
    """What callers use, and the engine that does the work between its `start` and its `close`.

    Args:
        documents: of the store.
        kinds: what this process can do.
        options: of this process.
        is_busy: whether online calls wait, for which jobs should.
        clock: returns seconds since 1970.
        witness: keeps a record of jobs; None: nobody does.
    """
    rows = JobRows(documents)
    deliveries = Deliveries(rows, options.origins, options.secret_file, clock)
    engine = JobEngine(rows, kinds, options, deliveries, is_busy=is_busy, clock=clock, witness=witness)
    return Jobs(rows, engine, options, clock), engine
