"""Follows a job to its end, with a bar; the job goes on whether or not anybody follows it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import click
import grpc
from biofusion.fusion.v1 import jobs_pb2
from google.longrunning import operations_pb2
from google.protobuf.duration_pb2 import Duration
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.output.failures import INTERRUPTED, MATCH, PRECONDITION
from cli.output.output import print_json, remarks
from cli.output.tables import named
from cli.stubs import FusionStubs

STEP_S = 1
"""Seconds after which the bar is drawn again."""
MOST_SILENCES = 30
"""Waits, of 1 s and longer, in which a server that does not answer may come back."""

Operation: TypeAlias = "operations_pb2.Operation"
Show = Callable[[jobs_pb2.JobMetadata], None]


def metadata_of(operation: Operation) -> jobs_pb2.JobMetadata:
    """What the operation is, and how far."""
    metadata = jobs_pb2.JobMetadata()
    operation.metadata.Unpack(metadata)
    return metadata


def follow(stub: FusionStubs, operation: Operation, *, as_json: bool) -> int:
    """Wait for the end of a job, print its report, and return the exit code: 0 if it is done, 4 if not.

    An interruption by the keyboard only ends the following.
    """
    try:
        with _bar() as show:
            operation = _ended(stub, operation, show)
    except KeyboardInterrupt:
        click.echo(f"The job goes on. Follow it again: biofusion jobs wait {operation.name}", err=True)
        return INTERRUPTED
    return report(operation, as_json=as_json)


def report(operation: Operation, *, as_json: bool) -> int:
    """Print a job as it is, and return the exit code: 4 if it failed or was cancelled."""
    if as_json:
        print_json(operation)
    else:
        for line in lines(operation):
            click.echo(line)
    return PRECONDITION if operation.HasField("error") else MATCH


def lines(operation: Operation) -> Iterator[str]:
    """What is said of a job."""
    metadata = metadata_of(operation)
    state = named(jobs_pb2.JobState, metadata.state, "JOB_STATE_")
    yield f"{operation.name}  {named(jobs_pb2.JobKind, metadata.kind, 'JOB_KIND_')}  {state}"
    yield counts(metadata)
    if metadata.status_detail:
        yield metadata.status_detail
    if metadata.callback_state:
        yield f"callback: {metadata.callback_state}"
    summary = jobs_pb2.JobSummary()
    if operation.HasField("response") and operation.response.Unpack(summary):
        for reason, count in sorted(summary.refused_by_reason.items()):
            yield f"refused, {reason}: {count:,}"
        for name, fact in sorted(summary.facts.items()):
            yield f"{name}: {fact}"
    if metadata.refused_count:
        yield f"See why: biofusion jobs results {operation.name} --outcome REFUSED"


def counts(metadata: jobs_pb2.JobMetadata) -> str:
    """Counts and rate in one line."""
    of = f"{metadata.total_count:,}{'' if metadata.total_is_final else ' or more'} rows"
    parts = f"{metadata.done_count:,} done, {metadata.refused_count:,} refused, {metadata.repeated_count:,} repeated"
    return f"{parts} of {of}, {metadata.rate:,.1f} a second"


def _ended(stub: FusionStubs, operation: Operation, show: Show) -> Operation:
    silences = 0
    show(metadata_of(operation))
    while not operation.done:
        request = operations_pb2.WaitOperationRequest(name=operation.name, timeout=Duration(seconds=STEP_S))
        try:
            operation = stub.operations.WaitOperation(request, timeout=10 * STEP_S)
            silences = 0
        except grpc.RpcError as error:
            silences += 1
            passing = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
            if error.code() not in passing or silences > MOST_SILENCES:
                raise
            _pause()
        show(metadata_of(operation))
    return operation


def _pause() -> None:
    import time  # noqa: PLC0415  # rarely needed

    time.sleep(STEP_S)


@contextmanager
def _bar() -> Iterator[Show]:
    """A bar on standard error, where that is a terminal; gives what draws it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=remarks(), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=None)

        def show(metadata: jobs_pb2.JobMetadata) -> None:
            done = metadata.done_count + metadata.refused_count + metadata.repeated_count
            total = metadata.total_count if metadata.total_is_final else None
            progress.update(task, description=counts(metadata), completed=done, total=total)

        yield show
