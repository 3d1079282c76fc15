"""`biofusion audit explain`: derive a recorded decision again, and compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from audit.reading import Record, is_of, records
from biometrics.score_fusion.fusion import ScoreFusion
from cli.audit.options import PATH, folder_of, folder_option
from cli.output.failures import MATCH, PRECONDITION
from cli.output.output import json_option, print_json, progress_bar, to_dict
from fusion.configured import fusion_model as shipped_model
from fusion.models.caller_scores import JointModel
from fusion.models.model import FusionModel
from fusion.wire.witness.explain import Derived, explain, other_versions
from fusion.wire.witness.export import readable
from infra.settings import Settings

SAID = ("time", "id", "method", "caller", "proof", "purpose", "case", "officer", "status", "reason")


@click.command("explain")
@click.argument("record_id", metavar="ID")
@click.option("--fusion-model", type=PATH, help="File of the uploaded fusion model that decided, if one did.")
@folder_option
@json_option
def command(record_id: str, stated: Path | None, *, fusion_model: Path | None, as_json: bool) -> int:
    """Derive the decisions of a call again from its record, and say EQUAL, or what differs. Exits with 4 if any does.

    ID is that of a record, INSTANCE/NUMBER as the export shows it, or the request id of the call.
    """
    folder, instance = folder_of(stated), record_id.rpartition("/")[0]
    with progress_bar() as update:
        found = [
            each
            for each in records(folder, instance, lambda done: update("records", done, done))
            if is_of(each, record_id)
        ]
    if not found:
        raise click.UsageError(f"There is no record of {record_id} in {folder}.")
    results = [_explained(each, fusion_model) for each in found]
    if as_json:
        print_json({"records": [_to_json(*each) for each in results]})
    else:
        for each in results:
            _tell(*each)
    return PRECONDITION if any(each.differences for _, derived, _ in results for each in derived) else MATCH


def _explained(record: Record, uploaded: Path | None) -> tuple[dict[str, Any], list[Derived], list[str]]:
    shipped = _shipped()
    joint = JointModel(ScoreFusion.from_json(uploaded.read_text("utf-8")), shipped) if uploaded else None
    derived = explain(record.fields, record.start, shipped, joint)
    versions = other_versions(record.start, shipped) if derived else []
    return readable(record), derived, versions


def _shipped() -> FusionModel:
    """The built-in fusion model; the settings that a decision was taken with come from its record."""
    return shipped_model(Settings())


def _tell(record: dict[str, Any], derived: list[Derived], versions: list[str]) -> None:
    click.echo(f"record    {record['record']}")
    for name in SAID:
        if name in record:
            click.echo(f"{name:9} {record[name]}")
    for name in ("request", "remarks"):
        for field, value in record.get(name, {}).items():
            click.echo(f"{name:9} {field}: {value}")
    for each in derived:
        click.echo(f"{each.where}: {_verdict(each)}")
        for difference in each.differences:
            click.echo(f"  {difference}")
    for version in versions:
        click.echo(f"other version: {version}")
    if not derived:
        click.echo("There is no decision in it.")


def _verdict(each: Derived) -> str:
    outcome = to_dict(each.recorded)["outcome"].removeprefix("OUTCOME_")
    verdict = "DIFFERS" if each.differences else "EQUAL"
    return f"{outcome}, llr {each.recorded.llr:.3f}: {verdict}{f'; {each.remark}' if each.remark else ''}"


def _to_json(record: dict[str, Any], derived: list[Derived], versions: list[str]) -> dict[str, Any]:
    decisions = [
        {
            "where": each.where,
            "isEqual": not each.differences,
            "differences": list(each.differences),
            "remark": each.remark,
            "derived": to_dict(each.derived),
        }
        for each in derived
    ]
    return {"record": record, "decisions": decisions, "otherVersions": versions}
