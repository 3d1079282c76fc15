"""`biofusion duplicates`: search a gallery for other subjects that are the same person."""

from __future__ import annotations

from typing import Any

import click
from biofusion.fusion.v1 import decisions_pb2

from cli.client import Target, connect
from cli.output.output import console, json_option, print_json
from cli.output.reviews import review_cases
from cli.output.tables import candidates_table, decision, exit_code, show
from cli.searching import search_options
from cli.server_options import server_options


@click.command("duplicates")
@search_options(20)
@click.option("--not-subject", default="", help="A subject that is no duplicate, as the samples are its own.")
@json_option
@server_options
def command(*, search: dict[str, Any], not_subject: str, as_json: bool, target: Target) -> int:
    """Search for other subjects that are the same person. Exits with 0 found, 1 none, 2 review: a person must look."""
    request = decisions_pb2.CheckDuplicatesRequest(subject_id=not_subject, **search)
    with connect(target) as stub:
        response = stub.decisions.CheckDuplicates(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        about = f"{len(response.candidates)} candidates among {response.searched_subject_count} searched"
        others = [candidates_table(response.candidates)] if response.candidates else []
        show(console(), decision(response.decision, about), *others, *review_cases(response.candidates))
    return exit_code(response.decision.outcome)
