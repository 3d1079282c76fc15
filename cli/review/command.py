"""`biofusion review`: the review service in a process of its own, and a look at its cases."""

from __future__ import annotations

import click

from cli.review import looking, serve


@click.group("review")
def command() -> None:
    """Cases in which two persons look at what a decision left open."""


for each in (looking.list_, looking.show, serve.command):
    command.add_command(each)
