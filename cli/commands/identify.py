"""`biofusion identify`: decide which subject of a gallery the samples are of."""

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


@click.command("identify")
@sample_options
@enrolled_option
@click.option("--gallery", default="", help="Gallery to search; default: default.")
@click.option("--fpir", type=float, help="False positive identification rate, 1e-9 to 0.5; default: the server's.")
@click.option("--candidates", type=int, help="At most so many candidates, 1 to 100; default: 10.")
@click.option("--token", default="", help="Consistency token of a write that must be seen.")
@json_option
@server_options
def command(
    *,
    samples: Sequence[sample_pb2.Sample],
    missing: Sequence[sample_pb2.MissingPosition],
    enrolled: decisions_pb2.EnrolledProbe | None,
    gallery: str,
    fpir: float | None,
    candidates: int | None,
    token: str,
    as_json: bool,
    target: Target,
) -> int:
    """Decide who of a gallery the samples are of. Exits with 0 match, 1 no match, 2 review."""
    request = decisions_pb2.IdentifySubjectsRequest(
        samples=require_one(samples, enrolled),
        missing=missing,
        enrolled_probe=enrolled,
        gallery=gallery,
        max_candidate_count=candidates,
        fpir=fpir,
        consistency_token=token,
    )
    with connect(target) as stub:
        response = stub.decisions.IdentifySubjects(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        _show(response)
    return exit_code(response.decision.outcome)


def _show(response: decisions_pb2.IdentifySubjectsResponse) -> None:
    count, none = response.searched_subject_count, response.none_posterior
    whom = f"{response.subject_id or 'nobody'}, of {count} searched; none of them: {none:.2%}"
    others = [candidates_table(response.candidates)] if len(response.candidates) > 1 else []
    show(console(), decision(response.decision, whom), *others)
