"""`biofusion enroll`: enrol an encounter of a subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click
from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import sample_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json
from cli.output.tables import candidates_table, not_read, reports_table, show
from cli.samples import require, sample_options
from cli.server_options import server_options
from cli.times import TIME_FORMATS, expiry
from cli.writing import request_id_option

ON_DUPLICATE = ("REVIEW", "REFUSE", "ALLOW")


@click.command("enroll")
@click.argument("subject")
@sample_options
@click.option("--gallery", multiple=True, help="Gallery the subject is put in; default: default. Repeatable.")
@click.option("--add-encounter", is_flag=True, help="The subject exists: add one more encounter.")
@click.option("--encounter", default="", help="Its id, unique within the subject; default: made from the request id.")
@click.option(
    "--skip-unusable", is_flag=True, help="Leave out what cannot be used or is too poor, as long as one sample is left."
)
@click.option("--validate-only", is_flag=True, help="Check the samples and their quality; store nothing.")
@click.option(
    "--on-duplicate",
    type=click.Choice(ON_DUPLICATE, case_sensitive=False),
    help="Search the galleries for the same person first; REVIEW: store it INACTIVE if somebody is found.",
)
@click.option("--duplicate-fpir", type=float, help="False positive identification rate of that search.")
@click.option("--expires", type=click.DateTime(TIME_FORMATS), help="From when on an expiry job deletes it, in UTC.")
@request_id_option
@json_option
@server_options
def command(
    subject: str,
    *,
    samples: Sequence[sample_pb2.Sample],
    missing: Sequence[sample_pb2.MissingPosition],
    gallery: Sequence[str],
    add_encounter: bool,
    encounter: str,
    skip_unusable: bool,
    validate_only: bool,
    on_duplicate: str | None,
    duplicate_fpir: float | None,
    expires: datetime | None,
    request_id: str,
    as_json: bool,
    target: Target,
) -> int:
    """Enrol one encounter of SUBJECT, an opaque id: all samples or none."""
    request = subjects_pb2.EnrollSubjectRequest(
        request_id=request_id,
        subject_id=subject,
        galleries=gallery,
        samples=require(samples),
        missing=missing,
        add_encounter=add_encounter,
        encounter_id=encounter,
        skip_unusable=skip_unusable,
        validate_only=validate_only,
        on_duplicate=subjects_pb2.OnDuplicate.Value(f"ON_DUPLICATE_{(on_duplicate or 'UNSPECIFIED').upper()}"),
        duplicate_fpir=duplicate_fpir,
        expire_time=expiry(expires),
    )
    with connect(target) as stub:
        response = stub.subjects.EnrollSubject(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    else:
        _show(request, response)
    return MATCH


def _show(request: subjects_pb2.EnrollSubjectRequest, response: subjects_pb2.EnrollSubjectResponse) -> None:
    if request.validate_only:
        done = "The samples can be enrolled; nothing was stored"
    elif response.replayed:
        done = f"{request.subject_id} had been enrolled by this request before"
    else:
        done = f"Enrolled {request.subject_id}, {response.encounter_id}"
    if response.state == subjects_pb2.ENCOUNTER_STATE_INACTIVE:
        done += ", INACTIVE until a person has decided about its duplicates"
    token = f"Token {response.consistency_token}" if response.consistency_token else ""
    reports = [reports_table(response.reports)] if response.reports else []
    duplicates = [candidates_table(each.candidates) for each in response.duplicate_checks if each.candidates]
    show(console(), f"{done}.", *reports, *not_read(response.unread_parts), *duplicates, *filter(None, [token]))
