"""`biofusion policy`: check a policy, and explain it."""

from __future__ import annotations

import click

from cli.policy import check, explain


@click.group("policy")
def command() -> None:
    """Check who may do what, as a file says it, before a server is given that file."""


command.add_command(check.command)
command.add_command(explain.command)
