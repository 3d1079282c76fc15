"""`biofusion review serve`: run the review service in a process of its own, on the store of the fusion service."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import click

from cli.output.failures import MATCH
from gallery.erased_memory import overwrite_freed
from infra.serving.logs.setup import configure_logging
from infra.settings import Settings
from review.__main__ import run


@click.command("serve")
@click.option("--port", type=int, help="Port; 0 takes a free one; default: BIOFUSION_PORT, else 50054.")
def command(*, port: int | None) -> int:
    """Run the review service until SIGTERM or SIGINT, then drain.

    BIOFUSION_STORE_URL and the key must be those of the fusion service. Everything is configured by BIOFUSION_…
    environment variables. `biofusion serve` has a review service of its own.
    """
    overwrite_freed()
    settings = Settings.from_environment()
    settings = replace(settings, port=settings.port if port is None else port)
    settings.check_bind()
    configure_logging(settings)
    asyncio.run(run(settings))
    return MATCH
