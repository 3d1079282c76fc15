"""`biofusion jobs results`: what became of every row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import click
from biofusion.fusion.v1 import jobs_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import json_option, to_dict
from cli.output.tables import named
from cli.paging import pages
from cli.server_options import server_options
from cli.stubs import FusionStubs

OUTCOMES = [name.removeprefix("ROW_OUTCOME_") for name in jobs_pb2.RowOutcome.keys()[1:]]
PAGE = 1000


@click.command("results")
@click.argument("job")
@click.option("--outcome", type=click.Choice(OUTCOMES, case_sensitive=False), help="Only rows of this outcome.")
@click.option("--found", is_flag=True, help="Only rows that name candidates: duplicates, and pairs of a sweep.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write JSON Lines into this file.")
@json_option
@server_options
def results(job: str, *, outcome: str | None, found: bool, out: Path | None, as_json: bool, target: Target) -> int:
    """Print the results of JOB so far, a line each, in the order of its rows; with --json, one object a line."""
    count = 0
    with connect(target) as stub, out.open("w", encoding="utf-8") if out else nullcontext(None) as file:
        for each in _rows(stub, job, outcome, target.timeout_s):
            if found and not each.candidates:
                continue
            count += 1
            line = json.dumps(to_dict(each), ensure_ascii=False) if as_json or out else _line(each)
            click.echo(line, file=file)
    if out:
        click.echo(f"Wrote {count:,} rows to {out}.", err=True)
    return MATCH


def _rows(stub: FusionStubs, job: str, outcome: str | None, timeout_s: float) -> Iterator[jobs_pb2.JobResult]:
    request = jobs_pb2.ListJobResultsRequest(name=job, page_size=PAGE)
    if outcome:
        request.outcome = jobs_pb2.RowOutcome.Value(f"ROW_OUTCOME_{outcome}")
    for page in pages(stub.jobs.ListJobResults, request, timeout_s):
        yield from page.results


def _line(row: jobs_pb2.JobResult) -> str:
    words = [f"{row.row:>8}", named(jobs_pb2.RowOutcome, row.outcome, "ROW_OUTCOME_"), row.key, row.reason]
    words += [f"{each.subject_id} ({each.decision.llr:.1f})" for each in row.candidates]
    return "  ".join(filter(None, [*words, row.message]))


COMMANDS = (results,)
