"""`biofusion subject`: show, merge, split and export whole subjects."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click
from biofusion.fusion.v1 import encounters_pb2, subjects_pb2

from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json
from cli.output.subjects import encounter_table
from cli.server_options import server_options
from cli.writing import request_id_option, tell
from fusion.packages import open_package


@click.group("subject")
def command() -> None:
    """Show, merge, split and export subjects. `biofusion delete` erases one."""


@command.command("show")
@click.argument("subject")
@json_option
@server_options
def show(subject: str, *, as_json: bool, target: Target) -> int:
    """Show a subject with all encounters, without templates."""
    with connect(target) as stub:
        response = stub.subjects.GetSubject(
            subjects_pb2.GetSubjectRequest(subject_id=subject), timeout=target.timeout_s
        )
    if as_json:
        print_json(response)
        return MATCH
    click.echo(f"{subject} in {', '.join(response.subject.galleries)}")
    for each in response.subject.encounters:
        console().print(encounter_table(each))
    return MATCH


@command.command("merge")
@click.argument("subject")
@click.argument("into")
@request_id_option
@json_option
@server_options
def merge(subject: str, into: str, *, request_id: str, as_json: bool, target: Target) -> int:
    """Move all encounters of SUBJECT to INTO, who is the same person, and erase SUBJECT."""
    request = subjects_pb2.MergeSubjectsRequest(
        request_id=request_id, target_subject_id=into, source_subject_id=subject
    )
    with connect(target) as stub:
        response = stub.subjects.MergeSubjects(request, timeout=target.timeout_s)
    tell(response, f"Merged {subject} into {into}", as_json=as_json)
    return MATCH


@command.command("split")
@click.argument("subject")
@click.argument("new_subject")
@click.option("--encounter", multiple=True, required=True, help="Encounter of another person. Repeatable.")
@click.option("--gallery", multiple=True, help="Gallery of the new subject; default: those of SUBJECT. Repeatable.")
@request_id_option
@json_option
@server_options
def split(
    subject: str,
    new_subject: str,
    *,
    encounter: Sequence[str],
    gallery: Sequence[str],
    request_id: str,
    as_json: bool,
    target: Target,
) -> int:
    """Move encounters of SUBJECT that are of another person to NEW_SUBJECT."""
    request = subjects_pb2.SplitSubjectRequest(
        request_id=request_id,
        source_subject_id=subject,
        encounter_ids=encounter,
        new_subject_id=new_subject,
        galleries=gallery,
    )
    with connect(target) as stub:
        response = stub.subjects.SplitSubject(request, timeout=target.timeout_s)
    tell(response, f"Moved {', '.join(encounter)} from {subject} to {new_subject}", as_json=as_json)
    return MATCH


@command.command("export")
@click.argument("subject")
@click.option("--for", "key", required=True, type=click.Path(exists=True, path_type=Path), help="Public key, PEM.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File of the sealed package.")
@server_options
def export(subject: str, *, key: Path, out: Path, target: Target) -> int:
    """Write all that is stored of SUBJECT, sealed for the owner of a key."""
    request = encounters_pb2.ExportSubjectRequest(
        subject_id=subject, recipient_public_key=key.read_text(encoding="ascii", errors="replace")
    )
    with connect(target) as stub:
        response = stub.encounters.ExportSubject(request, timeout=target.timeout_s)
    out.write_bytes(response.package)
    click.echo(f"Wrote {out}, {len(response.package)} bytes.")
    return MATCH


@command.command("open")
@click.argument("package", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, type=click.Path(exists=True, path_type=Path), help="Private key, PEM.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File of the rows; default: print them.")
def open_(package: Path, *, key: Path, out: Path | None) -> int:
    """Open a sealed package of a subject: rows of a manifest, which `biofusion jobs import` reads."""
    rows = open_package(package.read_bytes(), key.read_bytes())
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if out is None:
        click.echo(text, nl=False)
        return MATCH
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)  # it holds templates
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    click.echo(f"Wrote {out}: {len(rows)} rows.")
    return MATCH
