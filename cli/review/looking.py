"""`biofusion review list|show`: which cases wait, and how one of them stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
from biofusion.review.v1 import review_pb2
from rich.table import Table

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json, to_dict
from cli.output.tables import named
from cli.paging import pages
from cli.server_options import server_options
from cli.stubs import FusionStubs

STATES = [name.removeprefix("REVIEW_STATE_") for name in review_pb2.ReviewState.keys()[1:]]
PAGE = 500


@click.command("list")
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), multiple=True, help="Only these. Repeatable.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="At most so many cases.")
@json_option
@server_options
def list_(*, state: tuple[str, ...], limit: int, as_json: bool, target: Target) -> int:
    """List cases, the most urgent first."""
    states = [review_pb2.ReviewState.Value(f"REVIEW_STATE_{each.upper()}") for each in state]
    with connect(target) as stub:
        found = [each for each, _ in zip(_listed(stub, states, target.timeout_s), range(limit), strict=False)]
    if as_json:
        print_json({"review_cases": [to_dict(each) for each in found]})
    else:
        console().print(_table(found))
    return MATCH


@click.command("show")
@click.argument("case")
@json_option
@server_options
def show(case: str, *, as_json: bool, target: Target) -> int:
    """Show how CASE stands. Scores and verdicts are held back until it has ended."""
    with connect(target) as stub:
        request = review_pb2.GetReviewCaseRequest(name=case)
        found: review_pb2.ReviewCase = stub.reviews.GetReviewCase(request, timeout=target.timeout_s).review_case
    if as_json:
        print_json(found)
        return MATCH
    console().print(_table([found]))
    for each in found.history:
        state = named(review_pb2.ReviewState, each.state, "REVIEW_STATE_")
        click.echo(f"{each.create_time.ToDatetime():%Y-%m-%d %H:%M:%S} {state} {each.actor}".rstrip())
    for given in found.verdicts:
        verdict = named(review_pb2.Verdict, given.verdict, "VERDICT_")
        reason = named(review_pb2.VerdictReason, given.reason, "VERDICT_REASON_")
        click.echo(f"{given.reviewer}: {verdict}, {reason}. {given.note}".rstrip())
    return MATCH


def _listed(stub: FusionStubs, states: Sequence[int], timeout_s: float) -> Iterator[review_pb2.ReviewCase]:
    request = review_pb2.ListReviewCasesRequest(page_size=PAGE)
    request.states.extend(states)  # type: ignore[arg-type]  # numbers of the enum
    for page in pages(stub.reviews.ListReviewCases, request, timeout_s):
        yield from page.review_cases


def _table(cases: list[review_pb2.ReviewCase]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("case", "state", "priority", "due, UTC", "who has it", "result"):
        table.add_column(name, no_wrap=True)
    for each in cases:
        table.add_row(
            each.name,
            named(review_pb2.ReviewState, each.state, "REVIEW_STATE_"),
            str(each.priority),
            f"{each.due_time.ToDatetime():%Y-%m-%d %H:%M}",
            each.claim.reviewer,
            named(review_pb2.Verdict, each.resolution, "VERDICT_") if each.resolution else "",
        )
    return table
