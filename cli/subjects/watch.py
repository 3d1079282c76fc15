"""`biofusion watch`: print the changes of subjects as they happen."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click
from biofusion.fusion.v1 import subjects_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import json_option, to_dict
from cli.output.tables import named
from cli.server_options import server_options


@click.command("watch")
@click.option("--after", default="", help="Resume token of an earlier line; default: from now on.")
@click.option("--gallery", default="", help="Only subjects of this gallery, and all erasures.")
@click.option("--count", type=click.IntRange(1), help="End after so many changes; default: never.")
@json_option
@server_options
def command(*, after: str, gallery: str, count: int | None, as_json: bool, target: Target) -> int:
    """Print the changes of subjects as they happen, a line each; with --json, one object a line."""
    told = 0
    with connect(target) as stub:
        request = subjects_pb2.WatchChangesRequest(resume_token=after, gallery=gallery)
        for change in stub.subjects.WatchChanges(request):
            if not change.kind:
                continue
            click.echo(json.dumps(to_dict(change)) if as_json else _line(change))
            told += 1
            if told == count:
                break
    return MATCH


def _line(change: subjects_pb2.WatchChangesResponse) -> str:
    kind = named(subjects_pb2.ChangeKind, change.kind, "CHANGE_KIND_")
    whom = change.subject_id or f"(erased) {change.subject_name}"
    return f"{datetime.now(UTC):%H:%M:%S}Z  {kind:<6}  {whom}  {change.resume_token}"
