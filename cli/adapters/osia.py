"""`biofusion osia`: OSIA's ABIS interface in front of a running fusion service."""

from __future__ import annotations

import click

from adapters.osia.app import PORT, build
from cli.adapters.serving import run, where_to_listen


@click.command("osia")
@where_to_listen(PORT)
def command(*, host: str | None, port: int | None) -> int:
    """Answer callers of OSIA's ABIS interface 1.6 until SIGTERM or SIGINT. It calls a running fusion service.

    Everything is configured by BIOFUSION_ADAPTER_… and BIOFUSION_OSIA_… environment variables; docs/how-to/osia.md
    explains them.
    """
    return run(host, port, PORT, build)
