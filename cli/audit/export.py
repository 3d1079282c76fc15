"""`biofusion audit export`: write records as JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path

import click

from audit.reading import records
from cli.audit.options import PATH, folder_of, folder_option, hash_keys
from cli.output.failures import MATCH
from cli.output.output import progress_bar
from fusion.wire.witness.export import Filter, readable


@click.command("export")
@click.option("--since", default="", help="Only from this time on, RFC 3339 in UTC, or its beginning: 2026-01-31.")
@click.option("--until", default="", help="Only before this time.")
@click.option("--method", default="", help="Only of this method, e.g. VerifySubject.")
@click.option("--outcome", default="", help="Only with this outcome, or status of a failed call: REVIEW, NOT_FOUND.")
@click.option("--caller", default="", help="Only of this caller.")
@click.option("--case", default="", help="Only of this case.")
@click.option("--subject", help="Only about this subject, whose id is hashed by the keys of --key-file.")
@click.option("--key-file", type=PATH, help="File of the audit keys; default: BIOFUSION_AUDIT_KEY_FILE.")
@folder_option
def command(
    stated: Path | None,
    *,
    since: str,
    until: str,
    method: str,
    outcome: str,
    caller: str,
    case: str,
    subject: str | None,
    key_file: Path | None,
) -> int:
    """Write the records asked for as JSON Lines to standard output, decisions with all their evidence."""
    hashes = None if subject is None else hash_keys(key_file).every("subject", subject)
    wanted = Filter(since, until, method, outcome, caller, case, hashes)
    with progress_bar() as update:
        for each in records(folder_of(stated), progress=lambda done: update("records", done, done)):
            if wanted.takes(each):
                click.echo(json.dumps(readable(each), ensure_ascii=False))
    return MATCH
