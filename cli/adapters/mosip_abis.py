"""`biofusion mosip-abis`: MOSIP's ABIS interface, by a message queue, in front of a running fusion service."""

from __future__ import annotations

import click

from adapters.mosip_abis.app import PORT, build
from cli.adapters.serving import run, where_to_listen


@click.command("mosip-abis")
@where_to_listen(PORT)
def command(*, host: str | None, port: int | None) -> int:
    """Answer MOSIP's ABIS requests, by a message queue, until SIGTERM or SIGINT. It calls a running fusion service.

    By HTTP it tells only whether it works: /health, /health/live. Everything is configured by BIOFUSION_ADAPTER_… and
    BIOFUSION_MOSIP_ABIS_… environment variables; docs/how-to/mosip-abis.md explains them.
    """
    return run(host, port, PORT, build)
