"""`biofusion delete`: erase a subject."""

from __future__ import annotations

import click
from biofusion.fusion.v1 import subjects_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import json_option
from cli.server_options import server_options
from cli.writing import request_id_option, tell


@click.command("delete")
@click.argument("subject")
@request_id_option
@json_option
@server_options
def command(subject: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Erase SUBJECT: all references, encounters and gallery memberships."""
    request = subjects_pb2.DeleteSubjectRequest(subject_id=subject, request_id=request_id)
    with connect(target) as stub:
        response = stub.subjects.DeleteSubject(request, timeout=target.timeout_s)
    tell(response, f"Erased {subject}", as_json=as_json)
    return MATCH
