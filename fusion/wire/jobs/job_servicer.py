"""gRPC servicer of `JobService`: starts jobs, lists their results, and tells their ends again."""

from __future__ import annotations

import time
from typing import TypeAlias

import grpc
from biofusion.fusion.v1 import jobs_pb2, jobs_pb2_grpc
from google.longrunning import operations_pb2

from biometrics.errors import FieldInvalid, JobUnfinished, PreconditionFailed
from fusion.jobs.jobs import Jobs
from fusion.jobs.parts import Row, RowOutcome
from fusion.jobs.values import Job
from fusion.wire.jobs.operations import operation_of, result_of
from fusion.wire.jobs.specs import Start, budget_of, spec_of
from infra.requests.idempotence import check_request_id
from infra.requests.paging import page_size
from infra.wire.field_paths import at, relocated

NAME = jobs_pb2.DESCRIPTOR.services_by_name["JobService"].full_name

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
MOST_READ = 20_000
"""Rows that one call reads to find those of an outcome; the page may then have fewer than there was room for."""

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class JobServicer(jobs_pb2_grpc.JobServiceServicer):
    """Starts jobs and tells their results.

    Args:
        jobs: of the store.
        retention_s: seconds for which a job is kept after its end.
    """

    def __init__(self, jobs: Jobs, retention_s: float) -> None:
        self._jobs, self._retention_s = jobs, retention_s

    async def StartImport(self, request: jobs_pb2.StartImportRequest, context: Context) -> operations_pb2.Operation:
        """Enrol the rows of a source."""
        return await self._started(request)

    async def StartExport(self, request: jobs_pb2.StartExportRequest, context: Context) -> operations_pb2.Operation:
        """Write the records of a gallery."""
        return await self._started(request)

    async def StartDuplicateSweep(
        self, request: jobs_pb2.StartDuplicateSweepRequest, context: Context
    ) -> operations_pb2.Operation:
        """Search a gallery with every subject in it."""
        return await self._started(request)

    async def StartRetemplating(
        self, request: jobs_pb2.StartRetemplatingRequest, context: Context
    ) -> operations_pb2.Operation:
        """Replace templates of other models."""
        return await self._started(request)

    async def StartExpiry(self, request: jobs_pb2.StartExpiryRequest, context: Context) -> operations_pb2.Operation:
        """Delete the encounters whose time has passed."""
        return await self._started(request)

    async def ListJobResults(
        self, request: jobs_pb2.ListJobResultsRequest, context: Context
    ) -> jobs_pb2.ListJobResultsResponse:
        """List the results of a job so far."""
        size = page_size(request.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
        outcome = _outcome(request.outcome)
        rows, following = await self._page(request.name, outcome, size, request.page_token)
        return jobs_pb2.ListJobResultsResponse(results=map(result_of, rows), next_page_token=following)

    async def RedeliverCallback(
        self, request: jobs_pb2.RedeliverCallbackRequest, context: Context
    ) -> jobs_pb2.RedeliverCallbackResponse:
        """Tell the end of a job again."""
        if not (await self._jobs.get(request.name)).callback.url:
            raise PreconditionFailed("The job was made without a callback.", reason="NO_CALLBACK")
        try:
            await self._jobs.redeliver(request.name)
        except JobUnfinished as error:
            raise JobUnfinished(error.message, reason="JOB_NOT_DONE", **error.metadata) from None
        return jobs_pb2.RedeliverCallbackResponse()

    async def _started(self, request: Start) -> operations_pb2.Operation:
        with at("options"):
            request_id = check_request_id(request.options.request_id)
        budget = budget_of(request.options)
        kind, spec = spec_of(request)
        try:
            job = await self._jobs.create(kind, spec, request_id, budget=budget, callback_url=request.options.callback)
        except FieldInvalid as error:
            raise relocated(error, "callback_url", "options.callback") from error.__cause__
        return self._operation(job)

    def _operation(self, job: Job) -> operations_pb2.Operation:
        return operation_of(job, job.rate(time.time()), self._retention_s)

    async def _page(self, name: str, outcome: RowOutcome | None, size: int, token: str) -> tuple[list[Row], str]:
        """Rows of an outcome, and the token of the next page."""
        if outcome is None:
            page = await self._jobs.rows(name, size, token)
            return list(page.rows), page.following
        found, read = list[Row](), 0
        while True:
            page = await self._jobs.rows(name, MAX_PAGE_SIZE, token)
            places = [number for number, row in enumerate(page.rows) if row.outcome is outcome]
            if len(places) > size - len(found):  # the page ends within these rows
                page = await self._jobs.rows(name, places[size - len(found)], token)
            found += [row for row in page.rows if row.outcome is outcome]
            token, read = page.following, read + MAX_PAGE_SIZE
            if not token or len(found) == size or read >= MOST_READ:
                return found, token


def _outcome(value: jobs_pb2.RowOutcome.ValueType) -> RowOutcome | None:
    if value not in jobs_pb2.RowOutcome.values():
        raise FieldInvalid("outcome", f"{', '.join(jobs_pb2.RowOutcome.keys()[1:])} are known.")
    return RowOutcome(jobs_pb2.RowOutcome.Name(value).removeprefix("ROW_OUTCOME_")) if value else None
