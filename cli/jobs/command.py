"""`biofusion jobs`: start jobs, and follow, cancel and delete them."""

from __future__ import annotations

import click

from cli.jobs import managing, results, starting


@click.group("jobs")
def command() -> None:
    """Import, export, sweep for duplicates, replace templates, expire: work that takes longer than a call."""


for each in (*starting.COMMANDS, *managing.COMMANDS, *results.COMMANDS):
    command.add_command(each)
