"""`biofusion gallery import`: enrol all subjects of an archive."""

from __future__ import annotations

from pathlib import Path

import click

from cli.gallery.export import key_file_option
from cli.gallery.moving import move_into
from cli.gallery.opening import store_option
from cli.output.output import json_option
from gallery.operations.archive import ArchiveSource
from gallery.sealing.key_file import KeyFile


@click.command("import")
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@key_file_option
@json_option
@store_option
def command(archive: Path, key_path: Path, url: str, *, as_json: bool) -> int:
    """Enrol all subjects of ARCHIVE that the store lacks. If it was interrupted, the same command continues it.

    Exits with 4 if some could not be moved.
    """
    return move_into(url, lambda: ArchiveSource(archive, KeyFile(key_path, may_make=False)), as_json=as_json)
