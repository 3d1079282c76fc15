"""`biofusion gallery reconcile`: put the store in order after a restore or a failover."""

from __future__ import annotations

from pathlib import Path

import click

from cli.gallery.opening import on_store, store_option
from cli.output.failures import MATCH, PRECONDITION
from cli.output.output import json_option, print_json, progress_bar
from gallery.operations.reconcile import Reconciled, acknowledged_from, reconcile
from gallery.store.subject_store import PartitionedStore


@click.command("reconcile")
@click.option("--set-back", is_flag=True, help="The store was restored, or failed over: begin new epochs.")
@click.option(
    "--acknowledged",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of acknowledged writes, a JSON object with subject_id and consistency_token per line, to look for.",
)
@json_option
@store_option
def command(url: str, *, set_back: bool, path: Path | None, as_json: bool) -> int:
    """Find lost writes, finish erasures, and remove what a restored backup has of erased subjects.

    Exits with 4 if acknowledged writes were lost.
    """
    writes = acknowledged_from(path.read_bytes().splitlines()) if path else ()

    async def work(store: PartitionedStore) -> Reconciled:
        with progress_bar() as update:
            return await reconcile(
                store, writes, set_back=set_back, progress=lambda done, total: update("subjects", done, total)
            )

    result = on_store(url, work)
    lost = [each.subject_id for each in result.lost]
    if as_json:
        print_json(
            {
                "lost": lost,
                "removed": result.removed,
                "movedCount": result.moved,
                "destroyedKeyCount": result.destroyed,
                "newEpochCount": result.epochs,
            }
        )
    else:
        click.echo(f"{len(result.removed)} erased subjects removed, {result.destroyed} keys destroyed.")
        if result.moved:
            click.echo(f"{result.moved} interrupted moves completed.")
        click.echo(f"{len(lost)} of {len(writes)} acknowledged writes are lost{': enrol again' if lost else '.'}")
        for subject_id in lost:
            click.echo(f"  {subject_id}")
    return PRECONDITION if lost else MATCH
