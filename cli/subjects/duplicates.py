"""`biofusion duplicates`: search a gallery for other subjects that are the same person."""

from __future__ import annotations

from collections.abc import Sequence

import click
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import sample_pb2

from cli.client import Target, connect, server_options
from cli.enrolled import enrolled_option, require_one
from cli.output.output import console, json_option, print_json
from cli.output.tables import candidates_table, decision, exit_code, show
from cli.samples import sample_options


@click.command("duplicates")
@sample_options
@enrolled_option
@click.option("--not-subject", default="", help="A subject that is no duplicate, as the samples are its own.")
@click.option("--gallery", default="", help="Gallery to search; default: default.")
@click.option("--fpir", type=float, help="False positive identification rate, 1e-9 to 0.5; default: the server's.")
@click.option("--candidates", type=int, help="At most so many candidates, 1 to 100; default: 20.")
@click.option("--token", default="", help="Consistency token of a write that must be seen.")
@json_option
@server_options
def command(
    *,
    samples: Sequence[sample_pb2.Sample],
    missing: Sequence[sample_pb2.MissingPosition],
    enrolled: decisions_pb2.EnrolledProbe | None,
    not_subject: str,
    gallery: str,
    fpir: float | None,
    candidates: int | None,
    token: str,
    as_json: bool,
    target: Target,
) -> int:
    """Search for other subjects that are the same person. Exits with 0 found, 1 none, 2 review: a person must look."""
    request = decisions_pb2.CheckDuplicatesRequest(
        samples=require_one(samples, enrolled),
        missing=missing,
        enrolled_probe=enrolled,
        subject_id=not_subject,
        gallery=gallery,
        max_candidate_count=candidates,
        fpir=fpir,
        consistency_token=token,
    )
    with connect(target) as stub:
        response = stub.decisions.CheckDuplicates(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        about = f"{len(response.candidates)} candidates among {response.searched_subject_count} searched"
        others = [candidates_table(response.candidates)] if response.candidates else []
        show(console(), decision(response.decision, about), *others)
    return exit_code(response.decision.outcome)
