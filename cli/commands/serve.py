"""`biofusion serve`: run all four services in one process."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import click

from cli.commands.models import ensure_present
from cli.local.all_in_one import AllInOne
from cli.local.warm_up import compile_comparators
from cli.output.failures import MATCH
from infra.serving.logs.setup import configure_logging
from infra.settings import Settings

FUSION = "biofusion.fusion.v1"
HOW_IT_DECIDES, IDENTIFY = "FusionModelService/GetFusionModel", "DecisionService/IdentifySubjects"


@click.command("serve")
@click.option("--host", help="Address to listen on; default: BIOFUSION_HOST, else 127.0.0.1.")
@click.option("--port", type=int, help="Port; 0 takes a free one; default: BIOFUSION_PORT, else 50050.")
@click.option(
    "--store", help="sqlite:///FILE or redis://HOST:PORT/DB; default: BIOFUSION_STORE_URL, else your own file."
)
def command(*, host: str | None, port: int | None, store: str | None) -> int:
    """Run all four services in this process on one port, until SIGTERM or SIGINT, then drain.

    Everything else is configured by BIOFUSION_… environment variables; the README lists them.
    """
    settings = Settings.from_environment()
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        store_url=settings.store_url if store is None else store,
    )
    settings.check_bind()
    configure_logging(settings)
    ensure_present(assets=False)
    compile_comparators()
    asyncio.run(_serve(settings))
    return MATCH


async def _serve(settings: Settings) -> None:
    services = AllInOne(settings)
    try:
        await services.start()
        click.echo(f"Listening on {services.server.address}. Stop with Ctrl-C. Try:")
        for line in grpcurl_lines(services.server.address, proof(settings)):
            click.echo(f"  {line}")
        await services.server.run_until_signal()
    finally:
        await services.stop()


def proof(settings: Settings) -> str:
    """The options of grpcurl with which this server lets it in."""
    transport = "-cacert AUTHORITY.pem" if settings.tls_certificate else "-plaintext"
    if settings.tls_client_authority:
        return f"{transport} -cert YOURS.pem -key YOURS.key"
    return f"{transport} -H 'authorization: Bearer TOKEN'" if settings.token_issuer else transport


def grpcurl_lines(address: str, proof: str = "-plaintext") -> list[str]:
    """Example calls with grpcurl: list the services, show the fusion model, identify a face."""
    call = f"grpcurl {proof}"
    sample = '{"samples":[{"modality":"MODALITY_FACE","image":{"data":"%s"}}]}'
    return [
        f"{call} {address} list",
        f"{call} {address} {FUSION}.{HOW_IT_DECIDES}",
        f"printf '{sample}' \"$(base64 -w0 face.jpg)\" | {call} -d @ {address} {FUSION}.{IDENTIFY}",
    ]
