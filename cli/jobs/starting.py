"""`biofusion jobs import|export|sweep|retemplate|expire`: start a job."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from biofusion.fusion.v1 import jobs_pb2, subjects_pb2
from biofusion.type.v1 import modality_pb2, record_pb2

from cli.jobs.start import Start, job_options
from cli.times import TIME_FORMATS, expiry

FORMATS = [name.removeprefix("RECORD_FORMAT_") for name in record_pb2.RecordFormat.keys()[1:]]
POLICIES = [name.removeprefix("ON_DUPLICATE_") for name in subjects_pb2.OnDuplicate.keys()[1:]]
MODALITIES = [name.removeprefix("MODALITY_").lower() for name in modality_pb2.Modality.keys()[1:]]


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
def import_(
    source: str,
    *,
    gallery: str,
    on_duplicate: str | None,
    record_format: str | None,
    validate_only: bool,
    skip_unusable: bool,
    start: Start,
) -> int:
    """Enrol the rows of SOURCE: a manifest (*.jsonl), a folder of records, or a record, as the server sees its path."""
    request = jobs_pb2.StartImportRequest(
        options=start.options,
        source=source,
        gallery=gallery,
        format=_format(record_format),
        validate_only=validate_only,
        skip_unusable=skip_unusable,
    )
    if on_duplicate:
        request.on_duplicate = subjects_pb2.OnDuplicate.Value(f"ON_DUPLICATE_{on_duplicate}")
    return start(lambda stub: stub.jobs.StartImport, request)


@click.command("export")
@click.argument("destination")
@click.option("--gallery", default="", help="The gallery; default: default.")
@click.option("--for", "key", type=click.Path(exists=True, path_type=Path), help="Public key of the packages, PEM.")
@click.option("--format", "record_format", type=click.Choice(FORMATS, case_sensitive=False), help="Records instead.")
@job_options
def export(
    destination: str,
    *,
    gallery: str,
    key: Path | None,
    record_format: str | None,
    start: Start,
) -> int:
    """Write the records of a gallery into DESTINATION, a new or empty folder, as the server sees its path."""
    if (key is None) is (record_format is None):
        raise click.UsageError("Either --for, the key of sealed packages, or --format is needed.")
    request = jobs_pb2.StartExportRequest(
        options=start.options,
        gallery=gallery,
        destination=destination,
        format=_format(record_format),
        recipient_public_key=key.read_text(encoding="ascii", errors="replace") if key else "",
    )
    return start(lambda stub: stub.jobs.StartExport, request)


@click.command("sweep")
@click.option("--expected-false-pairs", type=float, required=True, help="Pairs of different people to be reported.")
@click.option("--gallery", default="", help="The gallery; default: default.")
@click.option("--modality", type=click.Choice(MODALITIES), help="To search with first; default: what a subject has.")
@job_options
def sweep(
    *,
    expected_false_pairs: float,
    gallery: str,
    modality: str | None,
    start: Start,
) -> int:
    """Search a gallery with every subject in it for others that are the same person."""
    request = jobs_pb2.StartDuplicateSweepRequest(
        options=start.options, gallery=gallery, expected_false_pairs=expected_false_pairs
    )
    if modality:
        request.modality = modality_pb2.Modality.Value(f"MODALITY_{modality.upper()}")
    return start(lambda stub: stub.jobs.StartDuplicateSweep, request)


@click.command("retemplate")
@click.argument("source")
@click.option("--from-model", default="", help="Replace only templates of this model; default: of all others.")
@job_options
def retemplate(source: str, *, from_model: str, start: Start) -> int:
    """Replace templates of other models, from the images of enrolled encounters in the manifest SOURCE."""
    request = jobs_pb2.StartRetemplatingRequest(options=start.options, source=source, from_model_id=from_model)
    return start(lambda stub: stub.jobs.StartRetemplating, request)


@click.command("expire")
@click.option("--before", type=click.DateTime(TIME_FORMATS), help="Times before this one, in UTC; default: now.")
@job_options
def expire(*, before: datetime | None, start: Start) -> int:
    """Delete the encounters whose expiry time has passed."""
    request = jobs_pb2.StartExpiryRequest(options=start.options, before=expiry(before))
    return start(lambda stub: stub.jobs.StartExpiry, request)


def _format(name: str | None) -> record_pb2.RecordFormat.ValueType:
    return record_pb2.RecordFormat.Value(f"RECORD_FORMAT_{name}") if name else record_pb2.RECORD_FORMAT_UNSPECIFIED


COMMANDS = (import_, export, sweep, retemplate, expire)
