"""`biofusion audit keygen`: make the keys that an audit log needs, or begin a period of hashes."""

from __future__ import annotations

from pathlib import Path

import click

from audit import keyed_hashes, signing
from cli.audit.options import PATH
from cli.output.failures import MATCH


@click.command("keygen")
@click.option("--signing-key", type=PATH, help="New PEM file of a key that signs heads; beside it comes FILE.pub.")
@click.option("--key-file", type=PATH, help="File of the keys that hash ids: one is added, which begins a period.")
def command(*, signing_key: Path | None, key_file: Path | None) -> int:
    """Make the keys of an audit log. Running processes go on with the keys that they have read at their start."""
    if not (signing_key or key_file):
        raise click.UsageError("State --signing-key, --key-file or both.")
    if signing_key:
        click.echo(f"Made {signing_key} and {signing.make(signing_key)}, which verifies.")
    if key_file:
        click.echo(f"Key {keyed_hashes.add_key(key_file)} hashes ids from the next start on: {key_file}.")
    return MATCH
