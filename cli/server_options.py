"""The options of commands that call a server: where it is, what is shown to it, and what the calls are for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from cli.client import DEFAULT_SERVER, Target
from cli.credentials import Credentials
from infra.identity.intent import SAFE, Intent
from infra.setting_fields import PREFIX

F = TypeVar("F", bound=Callable[..., Any])

_CLIENT = PREFIX + "CLIENT_"

_TEXTS = (
    ("--tls-authority", "AUTHORITY", "FILE", "PEM file of the authority to trust: use TLS."),
    ("--tls-certificate", "CERTIFICATE", "FILE", "PEM file of the certificate to show."),
    ("--tls-key", "KEY", "FILE", "PEM file of its key."),
    ("--token-file", "TOKEN_FILE", "FILE", "File of the access token (JWT) to show."),
)
_INTENTS = (
    ("--purpose", "PURPOSE", "What the call is for, as the policy names it."),
    ("--case", "CASE", "Reference to the case that it belongs to."),
    ("--officer", "OFFICER", "Pseudonym of the person who acts."),
)


def server_options(command: F) -> F:
    """Add the options; the command gets them as one `target`. Each can also be a `BIOFUSION_CLIENT_…` variable."""

    @wraps(command)
    def with_target(*args: Any, server: str, timeout: float, **others: Any) -> Any:
        if not server.strip():
            raise click.BadParameter("state HOST:PORT.", param_hint="--server")
        files = {name: others.pop(f"client_{name}") for name in ("authority", "certificate", "key", "token_file")}
        intent = Intent(**{name: others.pop(f"client_{name}") for name in ("purpose", "case", "officer")})
        return command(*args, target=Target(server, timeout, Credentials(**files, intent=intent)), **others)

    for option in reversed(_options()):
        with_target = option(with_target)
    return with_target  # type: ignore[return-value]  # click's decorators keep the callable's name, not its type


def _options() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "--server",
            default=DEFAULT_SERVER,
            show_default=True,
            metavar="HOST:PORT",
            envvar=f"{_CLIENT}SERVER",
            help="Where it listens.",
        ),
        *(
            click.option(
                name, f"client_{variable.lower()}", default="", metavar=kind, envvar=_CLIENT + variable, help=text
            )
            for name, variable, kind, text in _TEXTS
        ),
        *(
            click.option(
                name,
                f"client_{variable.lower()}",
                default="",
                metavar="TEXT",
                envvar=_CLIENT + variable,
                callback=_safe,
                help=text,
            )
            for name, variable, text in _INTENTS
        ),
        click.option("--timeout", default=30.0, show_default=True, type=click.FloatRange(0.01, 3600), help="Seconds."),
    ]


def _safe(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if value and not SAFE.fullmatch(value):
        raise click.BadParameter("1 to 128 letters, digits and . _ : / + @ = - are allowed.")
    return value
