"""`biofusion gallery migrate`: move all subjects from another store, or from one of an earlier version."""

from __future__ import annotations

from dataclasses import replace

import click

from cli.gallery.moving import move_into
from cli.gallery.opening import store_option
from cli.output.output import json_option
from gallery.operations.earlier import source_of
from gallery.store.options import StoreOptions
from infra.settings import Settings


@click.command("migrate")
@click.option("--from", "source_url", required=True, help="URL of the store to move from; it is not changed.")
@json_option
@store_option
def command(source_url: str, url: str, *, as_json: bool) -> int:
    """Move all subjects, fusion models and aliases that the store lacks from another store.

    The other store may be of an earlier version, of another kind, or have another number of partitions. Nobody may
    write to it meanwhile. If the move was interrupted, the same command continues it. Exits with 4 if some could not be
    moved.
    """
    options = replace(
        StoreOptions.of(Settings.from_environment()), partition_count=0
    )  # the setting is of the new store
    return move_into(url, lambda: source_of(source_url, options), as_json=as_json)
