"""The command line's own help → a page of the reference."""

from __future__ import annotations

from collections.abc import Iterator

import click

WIDTH = 100
"""Columns of the help."""


def commands(root: click.Command, name: str) -> str:
    """The help of a command and of all below it, each under a heading, in the order of the command's own list."""
    return "\n".join(_sections(root, _context(root, name, None)))


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    path = context.command_path
    yield f"## {path} {{ #{path.replace(' ', '-')} }}\n"
    yield f"```text\n{command.get_help(context).rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below:
                yield from _sections(below, _context(below, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command, info_name=name, parent=parent, **{**command.context_settings, "max_content_width": WIDTH}
    )
