"""`biofusion gallery new-key`: make a key file, or add the key of the next rotation to one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from biometrics.errors import ConfigurationInvalid
from cli.output.failures import MATCH
from gallery.sealing.key_file import KeyFile, make


@click.command("new-key")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--next", "is_next", is_flag=True, help="Add to the file the key that the next rotation takes.")
def command(path: Path, *, is_next: bool) -> int:
    """Make a key file at PATH with one random key, readable by its owner only. Keep a copy apart from the store.

    With --next, PATH exists, and gets a second key, which is used from the next rotate-keys on. Give the file to every
    service before that, if they read copies of it.
    """
    if is_next:
        key_id = asyncio.run(KeyFile(path, may_make=False).prepare())
        click.echo(f"{path.name} has the key {key_id} for the next rotation.")
        return MATCH
    if path.exists():
        raise ConfigurationInvalid(f"{path.name} exists already, and is left as it is. Name another file.")
    make(path)
    click.echo(f"{path.name} is made. Whoever has it can open what it seals; without it nobody can.")
    return MATCH
