"""Consoles and printing: tables or JSON go to standard output, progress and remarks to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


PIPE_WIDTH = 120
"""Width of a table, in characters, where there is no terminal."""


def console() -> Console:
    """A console for tables on the current standard output."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def remarks() -> Console:
    """A console for progress and remarks on the current standard error."""
    return Console(stderr=True, highlight=False)


def to_dict(message: Message) -> dict[str, Any]:
    """A message in protobuf's JSON mapping, default values included; the same message always gives the same text.

    The keys of maps are sorted, as protobuf keeps them in an order that differs from run to run.
    """
    fields: dict[str, Any] = MessageToDict(message, always_print_fields_with_no_presence=True)
    _sort_maps(message.DESCRIPTOR, fields)
    return fields


def _sort_maps(kind: Any, fields: dict[str, Any]) -> None:
    """Sort the maps of a message, described by `kind`, in its JSON mapping, and those of the messages within it."""
    for field in kind.fields:
        inner, value = field.message_type, fields.get(field.json_name)
        if inner is not None and inner.GetOptions().map_entry and value:
            fields[field.json_name] = dict(sorted(value.items()))
            inner, value = inner.fields_by_name["value"].message_type, [*value.values()]
        for each in value if isinstance(value, list) else [value]:
            if inner is not None and isinstance(each, dict):  # not a time, which is a text
                _sort_maps(inner, each)


def print_json(value: Message | dict[str, Any]) -> None:
    """Print a message or a dict as indented JSON."""
    fields = to_dict(value) if isinstance(value, Message) else value
    click.echo(json.dumps(fields, indent=2, ensure_ascii=False))


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar per stage on standard error; gives `update(stage, done, total)`."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=remarks()) as progress:
        tasks: dict[str, Any] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done, total=total)

        yield update
