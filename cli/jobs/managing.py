"""`biofusion jobs list|show|wait|cancel|delete|redeliver`: what becomes of jobs."""

from __future__ import annotations

from collections.abc import Iterator

import click
from biofusion.fusion.v1 import jobs_pb2
from google.longrunning import operations_pb2
from rich.table import Table

from cli.client import Target, connect
from cli.jobs.following import follow, metadata_of, report
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json, to_dict
from cli.output.tables import named
from cli.paging import pages
from cli.server_options import server_options
from cli.stubs import FusionStubs

KINDS = [name.removeprefix("JOB_KIND_") for name in jobs_pb2.JobKind.keys()[1:]]
STATES = [name.removeprefix("JOB_STATE_") for name in jobs_pb2.JobState.keys()[1:]]
PAGE = 1000
JOB = click.argument("job")


@click.command("list")
@click.option("--kind", type=click.Choice(KINDS, case_sensitive=False), help="Only jobs of this kind.")
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), multiple=True, help="Only these. Repeatable.")
@json_option
@server_options
def list_(*, kind: str | None, state: tuple[str, ...], as_json: bool, target: Target) -> int:
    """List jobs, those that have ended too, for as long as they are kept."""
    words = [*([f"kind={kind}"] if kind else []), *(f"state={each}" for each in state)]
    with connect(target) as stub:
        found = list(_listed(stub, " AND ".join(words), target.timeout_s))
    if as_json:
        print_json({"operations": [to_dict(each) for each in found]})
    else:
        console().print(_table(sorted(found, key=lambda each: metadata_of(each).create_time.ToNanoseconds())))
    return MATCH


@click.command("show")
@JOB
@json_option
@server_options
def show(job: str, *, as_json: bool, target: Target) -> int:
    """Show how far JOB is, and its report when it has ended."""
    with connect(target) as stub:
        return report(_got(stub, job, target), as_json=as_json)


@click.command("wait")
@JOB
@json_option
@server_options
def wait(job: str, *, as_json: bool, target: Target) -> int:
    """Follow JOB to its end; Ctrl-C leaves it to go on."""
    with connect(target) as stub:
        return follow(stub, _got(stub, job, target), as_json=as_json)


@click.command("cancel")
@JOB
@server_options
def cancel(job: str, *, target: Target) -> int:
    """Have JOB stop at its next row. What was done is kept."""
    with connect(target) as stub:
        stub.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=job), timeout=target.timeout_s)
    click.echo(f"{job} is asked to stop.")
    return MATCH


@click.command("delete")
@JOB
@server_options
def delete(job: str, *, target: Target) -> int:
    """Delete JOB, which has ended, with its results."""
    with connect(target) as stub:
        stub.operations.DeleteOperation(operations_pb2.DeleteOperationRequest(name=job), timeout=target.timeout_s)
    click.echo(f"Deleted {job}.")
    return MATCH


@click.command("redeliver")
@JOB
@server_options
def redeliver(job: str, *, target: Target) -> int:
    """Tell the callback of JOB, which has ended, again."""
    with connect(target) as stub:
        stub.jobs.RedeliverCallback(jobs_pb2.RedeliverCallbackRequest(name=job), timeout=target.timeout_s)
    click.echo(f"The callback of {job} is told again.")
    return MATCH


def _got(stub: FusionStubs, job: str, target: Target) -> operations_pb2.Operation:
    request = operations_pb2.GetOperationRequest(name=job)
    operation: operations_pb2.Operation = stub.operations.GetOperation(request, timeout=target.timeout_s)
    return operation


def _listed(stub: FusionStubs, words: str, timeout_s: float) -> Iterator[operations_pb2.Operation]:
    request = operations_pb2.ListOperationsRequest(name="operations", filter=words, page_size=PAGE)
    for page in pages(stub.operations.ListOperations, request, timeout_s):
        yield from page.operations


def _table(operations: list[operations_pb2.Operation]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("job", "kind", "state", "made, UTC"):
        table.add_column(name, no_wrap=True)
    for name in ("done", "refused", "repeated", "rows"):
        table.add_column(name, justify="right")
    for each in operations:
        metadata = metadata_of(each)
        table.add_row(
            each.name,
            named(jobs_pb2.JobKind, metadata.kind, "JOB_KIND_"),
            named(jobs_pb2.JobState, metadata.state, "JOB_STATE_"),
            f"{metadata.create_time.ToDatetime():%Y-%m-%d %H:%M}",
            *(f"{n:,}" for n in (metadata.done_count, metadata.refused_count, metadata.repeated_count)),
            f"{metadata.total_count:,}{'' if metadata.total_is_final else '+'}",
        )
    return table


COMMANDS = (list_, show, wait, cancel, delete, redeliver)
