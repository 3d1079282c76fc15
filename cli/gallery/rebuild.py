"""`biofusion gallery rebuild`: drop the snapshots and have every index load anew."""

from __future__ import annotations

import click

from biometrics.template import Modality
from cli.gallery.opening import on_store, store_option
from cli.gallery.snapshot import folder_option, snapshot_folder
from cli.output.failures import MATCH
from gallery.snapshots.open_folder import open_folder
from gallery.snapshots.writing import tidy
from gallery.store.subject_store import PartitionedStore
from infra.settings import Settings


@click.command("rebuild")
@folder_option
@store_option
def command(url: str, place: str) -> int:
    """Drop all snapshots, and begin a new epoch in every partition: every index loads anew from the store.

    Searches are refused until the indexes are loaded, and consistency tokens of before are refused from now on.
    """
    settings = Settings.from_environment()
    folder = snapshot_folder(place) if place else open_folder(settings.snapshots, settings.snapshots_endpoint)

    async def work(store: PartitionedStore) -> int:
        partitions = range(await store.partition_count())
        if folder is not None:
            for modality in Modality:
                for partition in partitions:
                    await tidy(store, folder, partition, modality, kept=0, unfinished=True)
        await store.backend.renew_epochs(await store.backend.newest(partitions))
        return len(partitions)

    click.echo(f"The indexes load all {on_store(url, work)} partitions anew.")
    return MATCH
