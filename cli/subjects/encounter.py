"""`biofusion encounter`: read, update, deactivate, move, export and delete encounters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click
from biofusion.fusion.v1 import encounters_pb2
from biofusion.type.v1 import sample_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json
from cli.output.subjects import encounter_table
from cli.output.tables import not_read, reports_table
from cli.samples import require, sample_options
from cli.server_options import server_options
from cli.subjects.encounter_export import export
from cli.times import TIME_FORMATS, expiry
from cli.writing import request_id_option, tell


@click.group("encounter")
def command() -> None:
    """Read and change single encounters. `biofusion enroll --add-encounter` adds one."""


command.add_command(export)

SUBJECT = click.argument("subject")
ENCOUNTER = click.argument("encounter")


@command.command("show")
@SUBJECT
@ENCOUNTER
@json_option
@server_options
def show(subject: str, encounter: str, *, as_json: bool, target: Target) -> int:
    """Show an encounter with its references, without their templates."""
    request = encounters_pb2.GetEncounterRequest(subject_id=subject, encounter_id=encounter)
    with connect(target) as stub:
        response = stub.encounters.GetEncounter(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        console().print(encounter_table(response.encounter))
    return MATCH


@command.command("update")
@SUBJECT
@ENCOUNTER
@sample_options
@request_id_option
@json_option
@server_options
def update(
    subject: str,
    encounter: str,
    *,
    samples: Sequence[sample_pb2.Sample],
    missing: Sequence[sample_pb2.MissingPosition],
    request_id: str,
    as_json: bool,
    target: Target,
) -> int:
    """Replace all samples of an encounter; the templates before are erased."""
    request = encounters_pb2.UpdateEncounterRequest(
        request_id=request_id, subject_id=subject, encounter_id=encounter, samples=require(samples), missing=missing
    )
    with connect(target) as stub:
        response = stub.encounters.UpdateEncounter(request, timeout=target.timeout_s)
    if response.reports and not as_json:
        for part in (reports_table(response.reports), *not_read(response.unread_parts)):
            console().print(part)
    tell(response, f"Updated {subject}, {encounter}", as_json=as_json)
    return MATCH


@command.command("activate")
@SUBJECT
@ENCOUNTER
@request_id_option
@json_option
@server_options
def activate(subject: str, encounter: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Let an encounter be searched again."""
    request = encounters_pb2.ActivateEncounterRequest(request_id=request_id, subject_id=subject, encounter_id=encounter)
    with connect(target) as stub:
        response = stub.encounters.ActivateEncounter(request, timeout=target.timeout_s)
    tell(response, f"{subject}, {encounter} is searched", as_json=as_json)
    return MATCH


@command.command("deactivate")
@SUBJECT
@ENCOUNTER
@request_id_option
@json_option
@server_options
def deactivate(subject: str, encounter: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Keep an encounter, but let nobody be compared with it."""
    request = encounters_pb2.DeactivateEncounterRequest(
        request_id=request_id, subject_id=subject, encounter_id=encounter
    )
    with connect(target) as stub:
        response = stub.encounters.DeactivateEncounter(request, timeout=target.timeout_s)
    tell(response, f"{subject}, {encounter} is kept and not searched", as_json=as_json)
    return MATCH


@command.command("expire")
@SUBJECT
@ENCOUNTER
@click.option("--at", type=click.DateTime(TIME_FORMATS), help="From when on, in UTC.")
@click.option("--never", is_flag=True, help="Keep it until it is deleted.")
@request_id_option
@json_option
@server_options
def expire(
    subject: str,
    encounter: str,
    *,
    at: datetime | None,
    never: bool,
    request_id: str,
    as_json: bool,
    target: Target,
) -> int:
    """Set from when on an expiry job deletes an encounter."""
    if (at is None) is not never:
        raise click.UsageError("Either --at or --never is needed.")
    request = encounters_pb2.SetEncounterExpiryRequest(
        request_id=request_id, subject_id=subject, encounter_id=encounter, expire_time=expiry(at)
    )
    with connect(target) as stub:
        response = stub.encounters.SetEncounterExpiry(request, timeout=target.timeout_s)
    tell(response, f"{subject}, {encounter} expires {at.isoformat() + 'Z' if at else 'never'}", as_json=as_json)
    return MATCH


@command.command("move")
@SUBJECT
@ENCOUNTER
@click.argument("to_subject")
@request_id_option
@json_option
@server_options
def move(subject: str, encounter: str, to_subject: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Move an encounter to TO_SUBJECT, who exists. A subject without encounters is erased."""
    request = encounters_pb2.MoveEncounterRequest(
        request_id=request_id, source_subject_id=subject, encounter_id=encounter, target_subject_id=to_subject
    )
    with connect(target) as stub:
        response = stub.encounters.MoveEncounter(request, timeout=target.timeout_s)
    tell(response, f"Moved {encounter} from {subject} to {to_subject}", as_json=as_json)
    return MATCH


@command.command("delete")
@SUBJECT
@ENCOUNTER
@request_id_option
@json_option
@server_options
def delete(subject: str, encounter: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Erase an encounter. A subject without encounters is erased."""
    request = encounters_pb2.DeleteEncounterRequest(request_id=request_id, subject_id=subject, encounter_id=encounter)
    with connect(target) as stub:
        response = stub.encounters.DeleteEncounter(request, timeout=target.timeout_s)
    tell(response, f"Erased {subject}, {encounter}", as_json=as_json)
    return MATCH
