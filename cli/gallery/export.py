"""`biofusion gallery export`: write all subjects into a sealed archive."""

from __future__ import annotations

from pathlib import Path

import click

from cli.gallery.opening import on_store, store_option
from cli.output.failures import MATCH
from cli.output.output import json_option, print_json, progress_bar
from gallery.operations.archive import export
from gallery.operations.source import StoreSource
from gallery.sealing.key_file import KeyFile
from gallery.store.subject_store import PartitionedStore

key_file_option = click.option(
    "--key-file",
    "key_path",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Key file that seals the archive, made by `biofusion gallery new-key`; whoever reads the archive needs it.",
)


@click.command("export")
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@key_file_option
@json_option
@store_option
def command(archive: Path, key_path: Path, url: str, *, as_json: bool) -> int:
    """Write all subjects, fusion models and aliases into ARCHIVE. If interrupted, the same command continues it."""

    async def work(store: PartitionedStore) -> int:
        with progress_bar() as update:
            source, key = StoreSource(store), KeyFile(key_path, may_make=False)
            return await export(source, archive, key, lambda done, total: update("subjects", done, total))

    count = on_store(url, work)
    if as_json:
        print_json({"subjectCount": count, "bytes": archive.stat().st_size})
    else:
        click.echo(f"{count} subjects are in {archive.name}, {archive.stat().st_size} bytes.")
    return MATCH
