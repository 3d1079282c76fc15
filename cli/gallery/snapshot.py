"""`biofusion gallery snapshot`: make snapshots, from which indexes load quickly."""

from __future__ import annotations

import click

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality
from cli.gallery.opening import on_store, store_option
from cli.output.failures import MATCH
from cli.output.output import progress_bar
from gallery.snapshots.folder import SnapshotFolder
from gallery.snapshots.open_folder import open_folder
from gallery.snapshots.writing import Made, make_snapshot
from gallery.store.subject_store import PartitionedStore
from infra.settings import Settings

folder_option = click.option(
    "--folder", "place", default="", help="Directory or s3://bucket/folder; default: BIOFUSION_SNAPSHOTS."
)


def snapshot_folder(place: str) -> SnapshotFolder:
    """The folder of the snapshots.

    Raises:
        ConfigurationInvalid: neither the option nor the setting names one.
    """
    settings = Settings.from_environment()
    folder = open_folder(place or settings.snapshots, settings.snapshots_endpoint)
    if folder is None:
        raise ConfigurationInvalid("No folder for snapshots is named. Use --folder, or set BIOFUSION_SNAPSHOTS.")
    return folder


@click.command("snapshot")
@folder_option
@click.option(
    "--partition", "partitions", multiple=True, type=click.IntRange(0), help="This one only; may be repeated."
)
@click.option("--modality", type=click.Choice([each.lower() for each in Modality]), help="This one only.")
@store_option
def command(url: str, place: str, partitions: tuple[int, ...], modality: str | None) -> int:
    """Make a snapshot of each partition and modality. Two of each are kept. Services go on meanwhile.

    A partition in which somebody is erased meanwhile is left out: its snapshot would hold the erased templates.
    """
    folder = snapshot_folder(place)
    modalities = [Modality(modality.upper())] if modality else list(Modality)

    async def work(store: PartitionedStore) -> list[Made | None]:
        count = await store.partition_count()
        if any(each >= count for each in partitions):
            raise click.UsageError(f"The store has partitions 0 to {count - 1}.")
        wanted = partitions or range(count)
        made = []
        with progress_bar() as update:
            for each in modalities:
                for number, partition in enumerate(wanted, 1):
                    made.append(await make_snapshot(store, folder, partition, each))
                    update(each.lower(), number, len(wanted))
        return made

    made = on_store(url, work)
    done = [each for each in made if each is not None]
    click.echo(f"{len(done)} snapshots of {sum(each.references for each in done)} references are made.")
    if len(done) < len(made):
        click.echo(f"{len(made) - len(done)} were given up, as somebody was erased meanwhile.")
    return MATCH
