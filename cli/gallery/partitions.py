"""`biofusion gallery partitions`: list the partitions."""

from __future__ import annotations

import click
from rich.table import Table

from biometrics.template import Modality
from cli.gallery.opening import on_store, store_option
from cli.output.failures import MATCH
from cli.output.output import console, json_option, print_json
from gallery.store.subject_store import PartitionedStore

Row = dict[str, str | int]


@click.command("partitions")
@json_option
@store_option
def command(url: str, *, as_json: bool) -> int:
    """List each partition with its subjects, its newest feed position, its epoch and its snapshots."""

    async def work(store: PartitionedStore) -> list[Row]:
        partitions = range(await store.partition_count())
        counts, newest = await store.backend.counts(""), await store.backend.newest(partitions)
        snapshots = [
            (each.partition, each.modality)
            for modality in Modality
            for each in await store.backend.snapshots(modality, partitions)
        ]
        return [
            {
                "partition": each.partition,
                "subjects": counts.get(each.partition, 0),
                "position": "-".join(map(str, each.number)),
                "epoch": each.epoch,
                **{m.lower(): snapshots.count((each.partition, m)) for m in Modality},
            }
            for each in newest
        ]

    rows = on_store(url, work)
    if as_json:
        print_json({"partitions": rows})
        return MATCH
    snapshot_columns = [f"{modality.lower()} snapshots" for modality in Modality]
    table = Table("partition", "subjects", "position", "epoch", *snapshot_columns, box=None, header_style="dim")
    for row in rows:
        table.add_row(*map(str, row.values()))
    console().print(table)
    return MATCH
