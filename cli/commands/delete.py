"""`biofusion delete`: erase a subject."""

from __future__ import annotations

import uuid

import click
from biofusion.fusion.v1 import subjects_pb2

from cli.client import Target, connect, server_options
from cli.output.failures import MATCH
from cli.output.output import json_option, print_json


@click.command("delete")
@click.argument("subject")
@click.option("--request-id", default="", help="UUID version 4; the same one again repeats the request safely.")
@json_option
@server_options
def command(subject: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Erase SUBJECT: all references, encounters and gallery memberships."""
    request = subjects_pb2.DeleteSubjectRequest(subject_id=subject, request_id=request_id or str(uuid.uuid4()))
    with connect(target) as stub:
        response = stub.subjects.DeleteSubject(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    elif response.replayed:
        click.echo(f"{subject} had been erased by this request before.\nToken {response.consistency_token}")
    else:
        click.echo(f"Erased {subject}.\nToken {response.consistency_token}")
    return MATCH
