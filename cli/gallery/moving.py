"""Moves subjects from a source into the store, and says how it went; for `import` and `migrate`."""

from __future__ import annotations

from collections.abc import Callable

import click

from cli.gallery.opening import on_store
from cli.output.failures import MATCH, PRECONDITION
from cli.output.output import print_json, progress_bar
from gallery.operations.moving import Moved, move
from gallery.operations.source import Source
from gallery.store.subject_store import PartitionedStore

SHOWN = 20
"""Most ids that are printed."""


def move_into(url: str, make: Callable[[], Source], *, as_json: bool) -> int:
    """Move everything of the source that `make` makes into the store, with a progress bar; returns the exit code."""

    async def work(store: PartitionedStore) -> Moved:
        source = make()
        try:
            with progress_bar() as update:
                return await move(source, store, lambda done, total: update("subjects", done, total))
        finally:
            await source.close()

    result = on_store(url, work, may_make=True)
    if as_json:
        counts = {"moved": result.moved, "present": result.present, "models": result.models, "aliases": result.aliases}
        named = {"different": result.different, "unreadable": result.unreadable, "aliasesLeft": result.aliases_left}
        print_json({**counts, **named})
        return MATCH if result.is_complete else PRECONDITION
    others = f"{result.models} fusion models, {result.aliases} aliases"
    click.echo(f"{result.moved} subjects moved, {result.present} were there, {others}.")
    _list("subjects are there with other content, and were left as they are", result.different)
    _list("subjects cannot be read in the source", result.unreadable)
    _list("aliases stand for other galleries there, or cannot be set, and were left", result.aliases_left)
    return MATCH if result.is_complete else PRECONDITION


def _list(what: str, ids: list[str]) -> None:
    if ids:
        click.echo(f"{len(ids)} {what}: {', '.join(ids[:SHOWN])}{' …' if len(ids) > SHOWN else ''}")
