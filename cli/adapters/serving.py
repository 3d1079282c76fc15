"""What the commands of adapters have in common: where they listen, and running until a signal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from adapters.serving import Build, serve
from cli.output.failures import MATCH
from infra.serving.logs.setup import configure_logging
from infra.settings import Settings


def where_to_listen(port: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options `--host` and `--port` of an adapter.

    Args:
        port: on which it listens if nothing else is set.
    """

    def optioned(command: Callable[..., Any]) -> Callable[..., Any]:
        told = f"Port; 0 takes a free one; default: BIOFUSION_ADAPTER_PORT, else {port}."
        host = click.option("--host", help="Address to listen on; default: BIOFUSION_ADAPTER_HOST, else 127.0.0.1.")
        return host(click.option("--port", type=int, help=told)(command))

    return optioned


def run(host: str | None, port: int | None, default_port: int, build: Build) -> int:
    """Serve an adapter until SIGTERM or SIGINT, as the environment and the options say; returns the exit status."""
    settings = Settings.from_environment()
    settings = replace(
        settings,
        adapter_host=settings.adapter_host if host is None else host,
        adapter_port=settings.adapter_port if port is None else port,
    )
    configure_logging(settings)
    told = "Listening on {}. Stop with Ctrl-C."
    asyncio.run(serve(settings, default_port, build, lambda address: click.echo(told.format(address))))
    return MATCH
