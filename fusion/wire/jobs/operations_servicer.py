"""gRPC servicer of `google.longrunning.Operations`: progress, lists, cancelling, waiting and deleting of jobs."""

from __future__ import annotations

import time
from typing import TypeAlias

import grpc
from biofusion.fusion.v1 import jobs_pb2
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf.empty_pb2 import Empty

from biometrics.errors import FieldInvalid, JobUnfinished
from fusion.jobs.jobs import Jobs
from fusion.jobs.values import Job, JobState
from fusion.wire.jobs.operations import Rates, operation_of
from fusion.wire.jobs.specs import KINDS
from infra.requests.paging import page_size

NAME = operations_pb2.DESCRIPTOR.services_by_name["Operations"].full_name

COLLECTION = "operations"
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
MOST_WAIT_S = 20.0
"""Longest wait of one call; the caller calls again. A server that stops waits for its calls."""
RESERVE = 0.1
"""Share of a call's time that is left for its answer."""

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


class OperationsServicer(operations_pb2_grpc.OperationsServicer):  # type: ignore[misc]  # it has no type hints
    """Jobs as operations.

    Args:
        jobs: of the store.
        retention_s: seconds for which a job is kept after its end.
    """

    def __init__(self, jobs: Jobs, retention_s: float) -> None:
        self._jobs, self._retention_s = jobs, retention_s
        self._rates = Rates(time.time)

    async def GetOperation(
        self, request: operations_pb2.GetOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        """Read a job."""
        return self._operation(await self._jobs.get(request.name))

    async def ListOperations(
        self, request: operations_pb2.ListOperationsRequest, context: Context
    ) -> operations_pb2.ListOperationsResponse:
        """List jobs in order of name."""
        if request.name not in ("", COLLECTION):
            raise FieldInvalid("name", f'leave it empty, or send "{COLLECTION}".')
        size = page_size(request.page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
        kind, states = filter_of(request.filter)
        page = await self._jobs.list(size, request.page_token, kind=kind, states=states)
        return operations_pb2.ListOperationsResponse(
            operations=map(self._operation, page.jobs), next_page_token=page.following
        )

    async def DeleteOperation(self, request: operations_pb2.DeleteOperationRequest, context: Context) -> Empty:
        """Delete a job that has ended, with its results."""
        try:
            await self._jobs.delete(request.name)
        except JobUnfinished as error:
            raise JobUnfinished(error.message, reason="JOB_NOT_DONE", **error.metadata) from None
        return Empty()

    async def CancelOperation(self, request: operations_pb2.CancelOperationRequest, context: Context) -> Empty:
        """Have a job stop at its next row."""
        await self._jobs.cancel(request.name)
        return Empty()

    async def WaitOperation(
        self, request: operations_pb2.WaitOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        """Return when a job has ended, or after the timeout: as it is then."""
        left_s = context.time_remaining()
        wait_s = MOST_WAIT_S if left_s is None else min(MOST_WAIT_S, (1.0 - RESERVE) * left_s)
        if request.HasField("timeout"):
            wait_s = min(wait_s, max(0.0, request.timeout.seconds + request.timeout.nanos / 1e9))
        return self._operation(await self._jobs.wait(request.name, wait_s))

    def _operation(self, job: Job) -> operations_pb2.Operation:
        return operation_of(job, self._rates.rate(job), self._retention_s)


def filter_of(text: str) -> tuple[str, list[JobState]]:
    """Kind and states of a filter such as "kind=IMPORT AND state=RUNNING"; several states are any of them.

    Raises:
        FieldInvalid: it cannot be read.
    """
    kind, states = "", list[JobState]()
    names = {jobs_pb2.JobKind.Name(number).removeprefix("JOB_KIND_"): name for name, number in KINDS.items()}
    for word in text.replace(" AND ", " ").split():
        field, _, value = word.partition("=")
        if field == "kind" and value in names and not kind:
            kind = names[value]
        elif field == "state" and value in JobState.__members__:
            states.append(JobState[value])
        else:
            raise FieldInvalid(
                "filter",
                f"kind=KIND and state=STATE are read, with {', '.join(names)}; {', '.join(JobState.__members__)}.",
            )
    return kind, states
