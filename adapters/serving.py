"""Runs an adapter on its port until SIGTERM or SIGINT."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.wire.fusion import Fusion
from biometrics.errors import ConfigurationInvalid
from infra.settings import Settings
from infra.web.serving import HttpServer, http_server, listen

Build = Callable[[Settings, Fusion], Starlette]
"""Makes an adapter's application, which is closed by its lifespan; inside a running event loop."""

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


async def serve(settings: Settings, port: int, build: Build, started: Callable[[str], None]) -> None:
    """Serve until a signal.

    Args:
        settings: of the adapter.
        port: if the settings have none.
        build: makes the application.
        started: is called with its address once it listens.

    Raises:
        ConfigurationInvalid: as `server_of`.
    """
    address, server, listening = server_of(settings, port, build)
    started(address)
    await server.serve(sockets=[listening])


def server_of(settings: Settings, port: int, build: Build) -> tuple[str, HttpServer, socket.socket]:
    """The address of an adapter, its server, and the socket that it listens on. Inside a running event loop.

    Raises:
        ConfigurationInvalid: the port cannot be listened on, or only with TLS or tokens; or as `build` raises.
    """
    check_door(settings)
    host = settings.adapter_host
    listening = listen(host, port if settings.adapter_port < 0 else settings.adapter_port)
    try:
        app = build(settings, Fusion(settings))
    except BaseException:
        listening.close()
        raise
    server = http_server(app, settings.drain_s, settings.adapter_tls_certificate, settings.adapter_tls_key)
    scheme = "https" if settings.adapter_tls_certificate else "http"
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}:{listening.getsockname()[1]}", server, listening


def check_door(settings: Settings) -> None:
    """Refuse to be reachable from other machines without TLS. Raises ConfigurationInvalid."""
    if settings.adapter_host in _LOOPBACK or settings.allow_insecure_bind or settings.adapter_tls_certificate:
        return
    raise ConfigurationInvalid(
        f"BIOFUSION_ADAPTER_HOST={settings.adapter_host} is reachable from other machines and TLS is off. Set "
        "BIOFUSION_ADAPTER_TLS_CERTIFICATE and BIOFUSION_ADAPTER_TLS_KEY, or BIOFUSION_ALLOW_INSECURE_BIND=true if "
        "something else protects the traffic."
    )


def health_routes(fusion: Fusion, can_work: Callable[[], bool] = lambda: True) -> Sequence[BaseRoute]:
    """`/health`: 200 while fusion can be called, else 503. `/health/live`: 200 while the adapter runs.

    Args:
        fusion: the service.
        can_work: whether there is what else it needs; if not, it is 503 too.
    """

    async def ready(_request: Request) -> Response:
        serving = can_work() and await fusion.is_serving()
        return JSONResponse({"status": "SERVING" if serving else "NOT_SERVING"}, 200 if serving else 503)

    async def live(_request: Request) -> Response:
        return JSONResponse({"status": "SERVING"})

    return [Route("/health", ready, methods=["GET"]), Route("/health/live", live, methods=["GET"])]
