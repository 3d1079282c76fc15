"""`biofusion gallery new-key`: make a key file."""

from __future__ import annotations

from pathlib import Path

import click

from biometrics.errors import ConfigurationInvalid
from cli.output.failures import MATCH
from gallery.sealing.key_file import make


@click.command("new-key")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def command(path: Path) -> int:
    """Make a key file at PATH with one random key, readable by its owner only. Keep a copy apart from the store."""
    if path.exists():
        raise ConfigurationInvalid(f"{path.name} exists already, and is left as it is. Name another file.")
    make(path)
    click.echo(f"{path.name} is made. Whoever has it can open what it seals; without it nobody can.")
    return MATCH
