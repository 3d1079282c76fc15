"""`biofusion gallery rotate-keys`: renew the keys, so that old copies cannot be opened."""

from __future__ import annotations

import click

from cli.gallery.opening import on_store, store_option
from cli.output.failures import MATCH
from cli.output.output import progress_bar
from gallery.store.subject_store import PartitionedStore


@click.command("rotate-keys")
@store_option
def command(url: str) -> int:
    """Renew the key-encryption key and all data keys, and rewrite the key table under them.

    The templates stay as they are, and services go on meanwhile. Afterwards nobody can open an older copy of the key
    table, and so none of the subjects erased before in an older copy of the store. Copies of the key file itself must
    be destroyed by whoever made them.
    """

    async def work(store: PartitionedStore) -> None:
        with progress_bar() as update:
            rotation = store.rotation(await store.backend.identity())
            await rotation.rotate(lambda done, total: update("pages of keys", done, total))

    on_store(url, work)
    click.echo("The keys are renewed.")
    return MATCH
