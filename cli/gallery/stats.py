"""`biofusion gallery stats`: count subjects, galleries, references and models."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from biometrics.template import Modality
from cli.gallery.opening import on_store, store_option
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json, progress_bar
from gallery.operations.statistics import ModelStatistics, Statistics, model_statistics, statistics
from gallery.store.subject_store import PartitionedStore


@click.command("stats")
@click.option("--full", is_flag=True, help="Read all references, to count them by modality and model.")
@json_option
@store_option
def command(url: str, *, full: bool, as_json: bool) -> int:
    """Count what the store holds. No template is opened."""

    async def work(store: PartitionedStore) -> tuple[Statistics, dict[Modality, ModelStatistics]]:
        models = {}
        with progress_bar() as update:
            for modality in Modality if full else ():
                name = modality.lower()
                models[modality] = await model_statistics(
                    store,
                    modality,
                    lambda done, total, name=name: update(name, done, total),  # type: ignore[misc]
                )
        return await statistics(store), models

    found, models = on_store(url, work)
    if as_json:
        print_json(_fields(found, models))
        return MATCH
    click.echo(f"{found.subjects} subjects in {len(found.partitions)} partitions of {found.adapter}.{found.store_id}")
    click.echo(f"smallest partition {min(found.partitions)}, largest {max(found.partitions)} subjects")
    if found.waiting_keys:
        click.echo(f"{found.waiting_keys} keys of erased subjects are not destroyed yet: biofusion gallery reconcile")
    console().print(_galleries(found))
    if models:
        console().print(_models(models))
    return MATCH


def _fields(found: Statistics, models: dict[Modality, ModelStatistics]) -> dict[str, Any]:
    return {
        "adapter": found.adapter,
        "storeId": found.store_id,
        "subjectCount": found.subjects,
        "galleries": found.galleries,
        "partitions": found.partitions,
        "waitingKeyCount": found.waiting_keys,
        "references": {
            modality.value: {
                "byModel": dict(each.references),
                "dataBytes": dict(each.data_bytes),
                "storedBytes": each.stored_bytes,
                "unreadableSetCount": each.unreadable,
            }
            for modality, each in models.items()
        },
    }


def _galleries(found: Statistics) -> Table:
    table = Table("gallery", "subjects", box=None, pad_edge=False, header_style="dim")
    for name, count in found.galleries.items():
        table.add_row(name, str(count))
    return table


def _models(models: dict[Modality, ModelStatistics]) -> Table:
    table = Table("modality", "model", "references", "bytes each", box=None, pad_edge=False, header_style="dim")
    for modality, each in models.items():
        for model_id, count in each.references.items():
            table.add_row(modality.lower(), model_id, str(count), f"{each.data_bytes[model_id] / count:.0f}")
        if each.unreadable:
            table.add_row(modality.lower(), "(unreadable sets)", str(each.unreadable), "")
    return table
