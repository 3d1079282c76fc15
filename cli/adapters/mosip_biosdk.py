"""`biofusion mosip-biosdk`: MOSIP's biometric SDK as a REST service in front of running services."""

from __future__ import annotations

import click

from adapters.mosip_biosdk.app import PORT, build
from cli.adapters.serving import run, where_to_listen


@click.command("mosip-biosdk")
@where_to_listen(PORT)
def command(*, host: str | None, port: int | None) -> int:
    """Answer clients of MOSIP's biometric SDK until SIGTERM or SIGINT. It calls running services, and keeps nothing.

    Everything is configured by BIOFUSION_ADAPTER_… environment variables; docs/how-to/mosip-biosdk.md explains them.
    """
    return run(host, port, PORT, build)
