"""Builds what a process needs to take calls about jobs and to work on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from biofusion.fusion.v1.jobs_pb2_grpc import add_JobServiceServicer_to_server
from google.longrunning.operations_pb2_grpc import add_OperationsServicer_to_server

from fusion.bulk.expiring import ExpiryKind
from fusion.bulk.exporting import ExportKind
from fusion.bulk.importing import ImportKind
from fusion.bulk.retemplating import RetemplatingKind
from fusion.bulk.sweep.sweeping import SweepKind
from fusion.bulk.work.tools import Tools
from fusion.duplicates.guard import DuplicateGuard
from fusion.jobs.job_rows import JobRows
from fusion.jobs.kinds import JobKind
from fusion.jobs.opening import open_jobs
from fusion.jobs.options import JobOptions
from fusion.jobs.witness import JobWitness
from fusion.jobs.work.engine import JobEngine
from fusion.models.model import FusionModel
from fusion.samples.probes import Matchers
from fusion.wire.jobs import job_servicer, operations_servicer
from gallery.store.subject_store import PartitionedStore
from infra.serving.server import Registration
from infra.settings import Settings

FILES_AT_ONCE = 8
"""Rows of imports with samples in files that are worked on at once, for each worker."""


@dataclass(frozen=True, slots=True)
class JobServices:
    """The services of jobs, and the engine, which works between its `start` and its `close`."""

    registrations: tuple[Registration, ...]
    engine: JobEngine


def assemble_jobs(
    matchers: Matchers,
    store: PartitionedStore,
    model: FusionModel,
    settings: Settings,
    witness: JobWitness | None = None,
    is_busy: Callable[[], bool] = lambda: False,
) -> JobServices:
    """The services of jobs of this store.

    Args:
        matchers: the matching services.
        store: of subjects and jobs.
        model: the built-in fusion model.
        settings: of jobs.
        witness: keeps a record of what jobs do.
        is_busy: whether calls wait, for which jobs should.

    Raises:
        ConfigurationInvalid: a folder, an origin of callbacks or their key cannot be used.
    """
    options, documents = JobOptions.of(settings), store.backend.documents
    tools = tools_of(matchers, store, model, options)
    jobs, engine = open_jobs(documents, kinds_of(tools), options, witness=witness, is_busy=is_busy)
    of_jobs = job_servicer.JobServicer(jobs, options.retention_s)
    of_operations = operations_servicer.OperationsServicer(jobs, options.retention_s)
    return JobServices(
        (
            Registration(job_servicer.NAME, partial(add_JobServiceServicer_to_server, of_jobs)),
            Registration(operations_servicer.NAME, partial(add_OperationsServicer_to_server, of_operations)),
        ),
        engine,
    )


def working_engine(
    matchers: Matchers,
    store: PartitionedStore,
    model: FusionModel,
    settings: Settings,
    witness: JobWitness | None = None,
) -> JobEngine:
    """An engine for a process that takes no calls: it does what others have made, and sends no callbacks.

    Raises:
        ConfigurationInvalid: as `assemble_jobs`.
    """
    options = JobOptions.of(settings)
    tools = tools_of(matchers, store, model, options)
    return JobEngine(tools.rows, kinds_of(tools), options, witness=witness)


def tools_of(matchers: Matchers, store: PartitionedStore, model: FusionModel, options: JobOptions) -> Tools:
    """What all kinds of jobs work with."""
    guard, rows = DuplicateGuard(matchers, store, model), JobRows(store.backend.documents)
    files_at_once = FILES_AT_ONCE * max(1, options.workers)
    return Tools(store, matchers, model, model.poor_quality, guard, options.folders, rows, files_at_once)


def kinds_of(tools: Tools) -> list[JobKind]:
    """All kinds of jobs."""
    return [ImportKind(tools), ExportKind(tools), SweepKind(tools), RetemplatingKind(tools), ExpiryKind(tools)]
