"""`biofusion verify`: decide whether samples are of a subject."""

from __future__ import annotations

from collections.abc import Sequence

import click
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import sample_pb2

from cli.client import Target, connect
from cli.output.output import console, json_option, print_json
from cli.output.reviews import review_cases
from cli.output.tables import decision, exit_code, show
from cli.samples import require, sample_options
from cli.server_options import server_options


@click.command("verify")
@click.argument("subject")
@sample_options
@click.option("--fmr", type=float, help="False match rate to decide at, 1e-9 to 0.1; default: the server's.")
@click.option("--token", default="", help="Consistency token of a write that must be seen.")
@json_option
@server_options
def command(
    subject: str,
    *,
    samples: Sequence[sample_pb2.Sample],
    missing: Sequence[sample_pb2.MissingPosition],
    fmr: float | None,
    token: str,
    as_json: bool,
    target: Target,
) -> int:
    """Decide whether the samples are of SUBJECT. Exits with 0 match, 1 no match, 2 review."""
    request = decisions_pb2.VerifySubjectRequest(
        subject_id=subject,
        samples=require(samples),
        missing=missing,
        fmr=fmr,
        consistency_token=token,
    )
    with connect(target) as stub:
        response = stub.decisions.VerifySubject(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        show(console(), decision(response.decision, subject), *review_cases([response]))
    return exit_code(response.decision.outcome)
