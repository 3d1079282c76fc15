"""`biofusion quality`: report the quality of samples, and whether they would be enrolled."""

from __future__ import annotations

from collections.abc import Sequence

import click
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import sample_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH, NO_MATCH
from cli.output.output import console, json_option, print_json
from cli.output.subjects import quality_table
from cli.samples import require, sample_options
from cli.server_options import server_options


@click.command("quality")
@sample_options
@json_option
@server_options
def command(
    *,
    samples: Sequence[sample_pb2.Sample],
    missing: Sequence[sample_pb2.MissingPosition],
    as_json: bool,
    target: Target,
) -> int:
    """Report the quality of samples; store nothing. Exits with 0 if all would be enrolled, else with 1."""
    if missing:
        raise click.UsageError("A missing position has no quality.")
    with connect(target) as stub:
        response = stub.subjects.CheckQuality(
            subjects_pb2.CheckQualityRequest(samples=require(samples)), timeout=target.timeout_s
        )
    if as_json:
        print_json(response)
    else:
        console().print(quality_table(response.reports))
        for each in response.reports:
            if each.failure_message:
                click.echo(each.failure_message)
    return MATCH if all(each.is_sufficient for each in response.reports) else NO_MATCH
