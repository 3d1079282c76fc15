"""`biofusion agreement`: show how often the decisions of another system and of this one agreed."""

from __future__ import annotations

from collections.abc import Iterable

import click
from biofusion.fusion.v1 import decisions_pb2
from rich.table import Table

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json
from cli.output.tables import outcome_name
from cli.server_options import server_options


@click.command("agreement")
@click.option("--system", default="", help="Only this other system.")
@json_option
@server_options
def command(*, system: str, as_json: bool, target: Target) -> int:
    """Show how often another system, whose decisions were sent along, decided alike (shadow mode)."""
    with connect(target) as stub:
        response = stub.decisions.GetAgreement(
            decisions_pb2.GetAgreementRequest(system=system), timeout=target.timeout_s
        )
    if as_json:
        print_json(response)
        return MATCH
    console().print(_table(response.counts))
    total = sum(each.count for each in response.counts)
    agreed = sum(each.count for each in response.counts if _agrees(each))
    share = f" ({agreed / total:.2%})" if total else ""
    click.echo(f"{agreed:,} of {total:,} decisions agree{share}.")
    if response.unwritten_count:
        click.echo(f"{response.unwritten_count:,} disagreements could not be written to the file.", err=True)
    return MATCH


def _agrees(each: decisions_pb2.AgreementCount) -> bool:
    return each.other_outcome == each.own_outcome and each.same_subject


def _table(counts: Iterable[decisions_pb2.AgreementCount]) -> Table:
    """One row for each pair of outcomes."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("system", "operation", "its outcome", "ours", "subject"):
        table.add_column(name)
    table.add_column("decisions", justify="right")
    for each in sorted(counts, key=lambda each: (each.system, each.operation, -each.count)):
        subject = "same" if each.same_subject else "another"
        outcomes = outcome_name(each.other_outcome), outcome_name(each.own_outcome)
        table.add_row(each.system, each.operation, *outcomes, subject, f"{each.count:,}")
    return table
