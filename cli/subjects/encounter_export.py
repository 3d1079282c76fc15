"""`biofusion encounter export`: write the fingerprint templates of an encounter as a record of a standard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from biofusion.fusion.v1 import encounters_pb2
from biofusion.type.v1 import modality_pb2, record_pb2

from biometrics.template import FINGERS
from cli.client import Target, connect
from cli.output.failures import MATCH
from cli.output.output import json_option, print_json
from cli.output.tables import position_name
from cli.server_options import server_options

FORMATS = (
    "ISO_19794_2_2005",
    "ISO_19794_2_2011",
    "ANSI_378_2004",
    "ANSI_378_2009",
    "COMPACT_CARD",
    "NORMAL_CARD",
    "CBEFF_XML",
    "ANSI_NIST",
)


@click.command("export")
@click.argument("subject")
@click.option("--encounter", default="", help="Its id; default: the newest ACTIVE one.")
@click.option("--format", "name", type=click.Choice(FORMATS, case_sensitive=False), default=FORMATS[1], help="Format.")
@click.option("--position", multiple=True, type=click.Choice(FINGERS, case_sensitive=False), help="Only these.")
@click.option("--most", type=click.IntRange(1, 255), help="Most minutiae of a finger, the most certain ones.")
@click.option("--out", type=click.Path(path_type=Path), help="File; a card gets a file for each finger.")
@json_option
@server_options
def export(
    subject: str,
    *,
    encounter: str,
    name: str,
    position: Sequence[str],
    most: int | None,
    out: Path | None,
    as_json: bool,
    target: Target,
) -> int:
    """Write the fingerprint templates of SUBJECT as a record of a standard."""
    if out is None and not as_json:
        raise click.UsageError("State the file by --out, or print the record by --json.")
    request = encounters_pb2.ExportEncounterRequest(
        subject_id=subject,
        encounter_id=encounter,
        format=record_pb2.RecordFormat.Value(f"RECORD_FORMAT_{name.upper()}"),
        positions=[modality_pb2.Position.Value(f"POSITION_{each.upper()}") for each in position],
        max_minutia_count=most,
    )
    with connect(target) as stub:
        response = stub.encounters.ExportEncounter(request, timeout=target.timeout_s)
    if as_json:
        print_json(response)
    if out is not None:
        for path, data in files(out, response):
            path.write_bytes(data)
            click.echo(f"Wrote {path}, {len(data)} bytes.", err=as_json)
    return MATCH


def files(out: Path, response: encounters_pb2.ExportEncounterResponse) -> list[tuple[Path, bytes]]:
    """The path and bytes of each record: `out`, or beside it by the finger's name, and a number from the second on."""
    if len(response.records) == 1:
        return [(out, response.records[0].data)]
    names: list[str] = []
    for each in response.positions:
        name = position_name(each).lower()
        before = sum(other.partition("-")[0] == name for other in names)
        names.append(f"{name}-{before + 1}" if before else name)
    paths = [out.with_name(f"{out.stem}-{name}{out.suffix}") for name in names]
    return [(path, record.data) for path, record in zip(paths, response.records, strict=True)]
