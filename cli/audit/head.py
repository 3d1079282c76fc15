"""`biofusion audit head`: print the last signed head of each chain."""

from __future__ import annotations

from pathlib import Path

import click

from audit.heads import Head
from audit.reading import records
from cli.audit.options import folder_of, folder_option
from cli.output.failures import MATCH, PRECONDITION


@click.command("head")
@folder_option
def command(stated: Path | None) -> int:
    """Print the last signed head of each chain, a line each. Keep them where whoever can write the log cannot.

    They are not verified here: `biofusion audit verify --head FILE` does. A running process also writes each head
    into its log.
    """
    heads: dict[str, Head] = {}
    for each in records(folder_of(stated)):
        if each.raw.startswith(b'{"kind":"HEAD",') and (head := Head.of(each.fields)):
            heads[head.chain] = head
    for head in heads.values():
        click.echo(head.json)
    return MATCH if heads else PRECONDITION
