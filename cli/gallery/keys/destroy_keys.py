"""`biofusion gallery destroy-keys`: make the templates of a partition, or of all, unreadable."""

from __future__ import annotations

import click

from cli.gallery.opening import on_store, store_option
from cli.output.failures import MATCH
from gallery.store.subject_store import PartitionedStore


@click.command("destroy-keys")
@click.option("--partition", type=click.IntRange(0), help="This partition only.")
@click.option("--all", "everything", is_flag=True, help="All partitions.")
@click.option("--store-id", required=True, help="Id of the store, as `biofusion gallery stats` prints it, to confirm.")
@store_option
def command(url: str, store_id: str, partition: int | None, *, everything: bool) -> int:
    """Destroy data keys. Nobody can undo this: the people of these partitions must be enrolled again, in a new store.

    Services that run drop their indexes and load them again, and refuse consistency tokens of before. Run rotate-keys
    afterwards, so that copies of the key table cannot be opened either.
    """
    if (partition is None) is not everything:
        raise click.UsageError("Name --partition N or --all.")

    async def work(store: PartitionedStore) -> int:
        identity = await store.backend.identity()
        if identity.store_id != store_id:
            raise click.UsageError(f"This store has another id than {store_id}. Nothing is destroyed.")
        if partition is not None and partition >= identity.partition_count:
            raise click.UsageError(f"The store has partitions 0 to {identity.partition_count - 1}.")
        wanted = range(identity.partition_count) if partition is None else [partition]
        for each in wanted:
            await store.rotation(identity).destroy_partition(each)
        await store.backend.renew_epochs(await store.backend.newest(wanted))
        return len(wanted)

    click.echo(f"The data keys of {on_store(url, work)} partitions are destroyed.")
    return MATCH
