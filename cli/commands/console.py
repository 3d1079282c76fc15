"""`biofusion console`: pages in the browser for people who look at review cases, and for operators."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from cli.output.failures import MATCH
from console.app import users_file as users_file_of
from console.people.person import ROLES, Person
from console.people.users_file import SHORTEST, add
from console.serving import serve
from infra.models.supply import ensure_scripts
from infra.serving.logs.setup import configure_logging
from infra.settings import Settings


@click.group("console", invoke_without_command=True)
@click.option("--host", help="Address to listen on; default: BIOFUSION_CONSOLE_HOST, else 127.0.0.1.")
@click.option("--port", type=int, help="Port; 0 takes a free one; default: BIOFUSION_CONSOLE_PORT, else 8050.")
@click.pass_context
def command(context: click.Context, *, host: str | None, port: int | None) -> int:
    """Run the console until SIGTERM or SIGINT. It calls a running fusion and review service, and keeps nothing.

    Everything is configured by BIOFUSION_CONSOLE_… environment variables; docs/how-to/console.md explains them.
    """
    if context.invoked_subcommand:
        return MATCH
    settings = Settings.from_environment()
    settings = replace(
        settings,
        console_host=settings.console_host if host is None else host,
        console_port=settings.console_port if port is None else port,
    )
    configure_logging(settings)
    ensure_scripts()
    asyncio.run(serve(settings, lambda address: click.echo(f"Open {address} in a browser. Stop with Ctrl-C.")))
    return MATCH


@command.command("add-user")
@click.argument("name")
@click.option("--role", "roles", type=click.Choice(ROLES), multiple=True, required=True, help="May be repeated.")
@click.option(
    "--users-file", type=click.Path(dir_okay=False, path_type=Path), help="Default: BIOFUSION_CONSOLE_USERS_FILE."
)
@click.password_option(help=f"At least {SHORTEST} characters; asked for if it is not given.")
def add_user(*, name: str, roles: Sequence[str], users_file: Path | None, password: str) -> int:
    """Add a local user of the console, or give one other roles and another password."""
    path = users_file or _users_file()
    add(path, Person(name, frozenset(roles)), password)
    click.echo(f"{name} can log in to the console as {', '.join(roles)}. The users are in {path}.")
    return MATCH


def _users_file() -> Path:
    return users_file_of(Settings.from_environment())
