"""`biofusion jobs import|export|sweep|retemplate|expire`: start a job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from biofusion.fusion.v1 import jobs_pb2, subjects_pb2
from biofusion.type.v1 import modality_pb2, record_pb2
from google.longrunning import operations_pb2

from cli.client import Target, connect, server_options
from cli.jobs.following import follow, report
from cli.output.failures import MATCH
from cli.output.output import json_option
from cli.stubs import FusionStubs
from cli.times import TIME_FORMATS, expiry
from cli.writing import request_id_option

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = [name.removeprefix("RECORD_FORMAT_") for name in record_pb2.RecordFormat.keys()[1:]]
POLICIES = [name.removeprefix("ON_DUPLICATE_") for name in subjects_pb2.OnDuplicate.keys()[1:]]
MODALITIES = [name.removeprefix("MODALITY_").lower() for name in modality_pb2.Modality.keys()[1:]]


def job_options(command: F) -> F:
    """Add what all jobs have in common; the command gets JobOptions as `options`, and `wait`."""

    @click.option("--max-refused", type=click.IntRange(0), help="Fail if more rows are refused; default: no limit.")
    @click.option("--max-refused-share", type=click.FloatRange(0, 1), help="Fail if a larger share is refused.")
    @click.option("--callback", default="", help="URL that is told of the end; its origin must be allowed there.")
    @click.option("--wait", is_flag=True, help="Follow the job to its end; Ctrl-C leaves it to go on.")
    @request_id_option
    @wraps(command)
    def with_options(
        *args: Any,
        max_refused: int | None,
        max_refused_share: float | None,
        callback: str,
        request_id: str,
        **others: Any,
    ) -> Any:
        options = jobs_pb2.JobOptions(
            request_id=request_id,
            max_refused_count=max_refused,
            max_refused_share=max_refused_share,
            callback=callback,
        )
        return command(*args, options=options, **others)

    return cast("F", with_options)


@click.command("import")
@click.argument("source")
@click.option("--gallery", default="", help="Gallery of rows that name none; default: default.")
@click.option(
    "--on-duplicate", type=click.Choice(POLICIES, case_sensitive=False), help="If a row may be somebody else."
)
@click.option("--format", "record_format", type=click.Choice(FORMATS, case_sensitive=False), help="Of the records.")
@click.option("--validate-only", is_flag=True, help="Check all rows, store nothing.")
@click.option("--skip-unusable", is_flag=True, help="Leave out samples that cannot be used, not their rows.")
@job_options
@json_option
@server_options
def import_(
    source: str,
    *,
    gallery: str,
    on_duplicate: str | None,
    record_format: str | None,
    validate_only: bool,
    skip_unusable: bool,
    options: jobs_pb2.JobOptions,
    wait: bool,
    as_json: bool,
    target: Target,
) -> int:
    """Enrol the rows of SOURCE: a manifest (*.jsonl), a folder of records, or a record, as the server sees its path."""
    request = jobs_pb2.StartImportRequest(
        options=options,
        source=source,
        gallery=gallery,
        format=_format(record_format),
        validate_only=validate_only,
        skip_unusable=skip_unusable,
    )
    if on_duplicate:
        request.on_duplicate = subjects_pb2.OnDuplicate.Value(f"ON_DUPLICATE_{on_duplicate}")
    return _started(lambda stub: stub.jobs.StartImport, request, target, wait=wait, as_json=as_json)


@click.command("export")
@click.argument("destination")
@click.option("--gallery", default="", help="The gallery; default: default.")
@click.option("--for", "key", type=click.Path(exists=True, path_type=Path), help="Public key of the packages, PEM.")
@click.option("--format", "record_format", type=click.Choice(FORMATS, case_sensitive=False), help="Records instead.")
@job_options
@json_option
@server_options
def export(
    destination: str,
    *,
    gallery: str,
    key: Path | None,
    record_format: str | None,
    options: jobs_pb2.JobOptions,
    wait: bool,
    as_json: bool,
    target: Target,
) -> int:
    """Write the records of a gallery into DESTINATION, a new or empty folder, as the server sees its path."""
    if (key is None) is (record_format is None):
        raise click.UsageError("Either --for, the key of sealed packages, or --format is needed.")
    request = jobs_pb2.StartExportRequest(
        options=options,
        gallery=gallery,
        destination=destination,
        format=_format(record_format),
        recipient_public_key=key.read_text(encoding="ascii", errors="replace") if key else "",
    )
    return _started(lambda stub: stub.jobs.StartExport, request, target, wait=wait, as_json=as_json)


@click.command("sweep")
@click.option("--expected-false-pairs", type=float, required=True, help="Pairs of different people to be reported.")
@click.option("--gallery", default="", help="The gallery; default: default.")
@click.option("--modality", type=click.Choice(MODALITIES), help="To search with first; default: what a subject has.")
@job_options
@json_option
@server_options
def sweep(
    *,
    expected_false_pairs: float,
    gallery: str,
    modality: str | None,
    options: jobs_pb2.JobOptions,
    wait: bool,
    as_json: bool,
    target: Target,
) -> int:
    """Search a gallery with every subject in it for others that are the same person."""
    request = jobs_pb2.StartDuplicateSweepRequest(
        options=options, gallery=gallery, expected_false_pairs=expected_false_pairs
    )
    if modality:
        request.modality = modality_pb2.Modality.Value(f"MODALITY_{modality.upper()}")
    return _started(lambda stub: stub.jobs.StartDuplicateSweep, request, target, wait=wait, as_json=as_json)


@click.command("retemplate")
@click.argument("source")
@click.option("--from-model", default="", help="Replace only templates of this model; default: of all others.")
@job_options
@json_option
@server_options
def retemplate(
    source: str, *, from_model: str, options: jobs_pb2.JobOptions, wait: bool, as_json: bool, target: Target
) -> int:
    """Replace templates of other models, from the images of enrolled encounters in the manifest SOURCE."""
    request = jobs_pb2.StartRetemplatingRequest(options=options, source=source, from_model_id=from_model)
    return _started(lambda stub: stub.jobs.StartRetemplating, request, target, wait=wait, as_json=as_json)


@click.command("expire")
@click.option("--before", type=click.DateTime(TIME_FORMATS), help="Times before this one, in UTC; default: now.")
@job_options
@json_option
@server_options
def expire(*, before: datetime | None, options: jobs_pb2.JobOptions, wait: bool, as_json: bool, target: Target) -> int:
    """Delete the encounters whose expiry time has passed."""
    request = jobs_pb2.StartExpiryRequest(options=options, before=expiry(before))
    return _started(lambda stub: stub.jobs.StartExpiry, request, target, wait=wait, as_json=as_json)


def _format(name: str | None) -> record_pb2.RecordFormat.ValueType:
    return record_pb2.RecordFormat.Value(f"RECORD_FORMAT_{name}") if name else record_pb2.RECORD_FORMAT_UNSPECIFIED


def _started(
    method: Callable[[FusionStubs], Callable[..., operations_pb2.Operation]],
    request: Any,
    target: Target,
    *,
    wait: bool,
    as_json: bool,
) -> int:
    with connect(target) as stub:
        operation = method(stub)(request, timeout=target.timeout_s)
        if wait:
            return follow(stub, operation, as_json=as_json)
    if as_json:
        return report(operation, as_json=True)
    click.echo(f"{operation.name}\nFollow it: biofusion jobs wait {operation.name}")
    return MATCH


COMMANDS = (import_, export, sweep, retemplate, expire)
