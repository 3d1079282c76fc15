"""`biofusion identify`: decide which subject of a gallery the samples are of."""

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


@click.command("identify")
@search_options(10)
@json_option
@server_options
def command(*, search: dict[str, Any], as_json: bool, target: Target) -> int:
    """Decide who of a gallery the samples are of. Exits with 0 match, 1 no match, 2 review."""
    request = decisions_pb2.IdentifySubjectsRequest(**search)
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
    show(console(), decision(response.decision, whom), *others, *review_cases(response.candidates))
