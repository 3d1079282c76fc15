"""The console on what the demo has kept: all services and the console in this process, on loopback."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path

import click

from cli.local.all_in_one import running
from console.people.person import OPERATOR, REVIEWER, SUPERVISOR, Person
from console.people.users_file import add
from console.serving import serve
from infra.settings import Settings

PEOPLE = (
    ("ada", REVIEWER, "looks first"),
    ("ben", REVIEWER, "looks second, without knowing what ada said"),
    ("sol", SUPERVISOR, "decides if they disagree"),
    ("ops", OPERATOR, "sees galleries, the fusion model and services; no case"),
)
"""Who can log in: name, role, and what they are there for."""


def run(settings: Settings, users_file: Path) -> None:
    """Serve until SIGTERM or SIGINT. Logins are made anew: their password holds until the next start.

    Args:
        settings: of the services and of the console.
        users_file: where logins are written.

    Raises:
        ConfigurationInvalid: the port cannot be listened on.
        StoreUnavailable, ModelUnavailable, ModelCorrupt: the services cannot start.
    """
    password = secrets.token_urlsafe(12)
    users_file.unlink(missing_ok=True)
    for name, role, _ in PEOPLE:
        add(users_file, Person(name, frozenset({role})), password)

    def started(address: str) -> None:
        click.echo(f"Open {address} in a browser. Stop with Ctrl-C.")
        click.echo(f"Password, until this ends: {password}")
        for name, role, remark in PEOPLE:
            click.echo(f"  {name}  {role:<10}  {remark}")

    with running(settings) as target:
        mine = replace(settings, console_fusion_target=target, console_users_file=str(users_file))
        asyncio.run(serve(mine, started))
